// Writes schemas/*.schema.json from the schemas that read the files.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const schemas = [
  { source: 'src/experiment/json-schema.ts', make: 'experimentJsonSchema', file: 'experiment.schema.json' },
  { source: 'src/merge/mergekit/json-schema.ts', make: 'mergekitJsonSchema', file: 'mergekit.schema.json' },
];
for (const { source, make, file } of schemas) {
  const { outputFiles } = await esbuild.build({ absWorkingDir: root, entryPoints: [source], bundle: true, platform: 'node', format: 'cjs', write: false });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, createRequire(import.meta.url));
  writeFileSync(path.join(root, 'schemas', file), module.exports[make]());
}
