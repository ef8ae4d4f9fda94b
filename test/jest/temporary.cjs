const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

/** Tests make their temporary folders in one of the whole run, which goes away with all that they leave in it. */
module.exports = () => {
  const root = mkdtempSync(path.join(tmpdir(), 'soups-tests-'));
  process.env.TMPDIR = root;
  globalThis.removeTemporary = () => rmSync(root, { recursive: true, force: true, maxRetries: 3 });
};
