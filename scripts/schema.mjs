// Writes schemas/experiment.schema.json from src/experiment/schema.ts.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { outputFiles } = await esbuild.build({ absWorkingDir: root, entryPoints: ['src/experiment/json-schema.ts'], bundle: true, platform: 'node', format: 'cjs', write: false });
const module = { exports: {} };
new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, createRequire(import.meta.url));
writeFileSync(path.join(root, 'schemas', 'experiment.schema.json'), module.exports.experimentJsonSchema());
