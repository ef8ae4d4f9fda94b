import { config } from '@vscode/l10n';

/*
 * The texts of the editor's language, which the host put into the page (src/editor/panels/page.ts). Imported before
 * everything else, because tables of texts are made as their modules are loaded.
 */
const texts = document.getElementById('texts')?.textContent;
if (texts) config({ contents: texts });
