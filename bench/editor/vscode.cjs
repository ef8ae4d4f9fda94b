// The `vscode` of a benchmark: an editor that answers everything at once, so that what is left is our own work.
const { recordedEditor } = require('../../test/unit/editor/recorded-editor.ts');

module.exports = recordedEditor().vscode;
