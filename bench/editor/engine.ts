import { mkdirSync } from 'node:fs';
import { timeActivation } from './activation';
import { timeCurves, timeTraining } from './curves';
import { timeHeaders } from './headers';
import { Rows, type Surface } from './rows';
import { timeSnapshots, timeStudy } from './snapshots';
import { timeTree } from './tree';
import { timeYaml } from './yaml';

const surfaces: Readonly<Record<string, Surface>> = {
  activation: timeActivation, tree: timeTree, headers: timeHeaders, yaml: timeYaml, snapshots: timeSnapshots, study: timeStudy, training: timeTraining, curves: timeCurves,
};

const [surface, directory, settings] = process.argv.slice(2) as [string, string, string];
mkdirSync(directory, { recursive: true });
void surfaces[surface]!(new Rows(), directory, JSON.parse(settings)).then(() => process.exit(0));
