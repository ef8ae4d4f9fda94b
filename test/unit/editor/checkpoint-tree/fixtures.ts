import path from 'node:path';
import type { CheckpointSummary } from '../../../../src/editor/checkpoint-tree/checkpoint-summary';

/** An expert of two small tensors below `/w`. */
export function checkpointAt(place: string, change: Partial<CheckpointSummary> = {}): CheckpointSummary {
  return {
    path: path.resolve('/w', place), storage: 'directory', role: 'expert', name: place, objective: null, scores: {}, errors: {}, step: null, weights: null, dtypes: ['F32'], tensors: 2,
    parameters: 10, sizeBytes: 40, baseHash: null, fingerprint: 'f', architecture: null, family: null, rank: null, sample: null, format: 'safetensors', modifiedMs: 0, ...change,
  };
}
