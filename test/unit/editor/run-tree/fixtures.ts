import path from 'node:path';
import { newRunRecord } from '../../../../src/runs/run-directory';
import type { RunKind, RunRecord, RunState } from '../../../../src/runs/run-record';
import type { ExperimentNode, RunNode } from '../../../../src/editor/run-tree/run-model';

const directory = path.resolve('/w/runs/demo');

/** A run of the experiment `demo`, as the tree holds it. */
export function run(kind: RunKind, name: string, state: RunState, rest: Partial<RunRecord> = {}, progress: RunNode['progress'] = null): RunNode {
  return { type: 'run', directory: path.join(directory, name), record: newRunRecord({ kind, name, version: '0', state, ...rest }), progress, experiment: directory };
}

/** The experiment `demo`; a null state has no pipeline. */
export function experiment(state: RunState | null, runs: readonly RunNode[]): ExperimentNode {
  return { type: 'experiment', directory, name: 'demo', study: null, isStudy: false, record: state === null ? null : newRunRecord({ kind: 'experiment', name: 'demo', version: '0', state }), runs };
}
