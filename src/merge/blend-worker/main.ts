// Entry point of the thread that plans and makes the soups of a draft: dist/blend-worker.js.
import { openCheckpoint } from '../../checkpoint/checkpoint';
import type { StreamOptions } from '../../checkpoint/statistics';
import { serveWork } from '../../checkpoint/worker/serve-work';
import { blend, type BlendProgress } from '../blend';
import { blendOptionsOf } from '../blend-draft';
import { blendRecipe } from '../draft-recipe';
import { forecastBlend } from '../forecast';
import { findMethod } from '../methods/registry';
import { measureThroughput } from '../throughput';
import type { BlendResultOf, BlendWork } from './work';

/** Share of a blend's time that each phase takes, roughly: merging reads and writes, then the inputs are hashed. */
const shares: Readonly<Record<BlendProgress['phase'], readonly [from: number, size: number]>> = { blend: [0, 0.6], hash: [0.6, 0.35], verify: [0.95, 0.05] };

async function carryOut(work: BlendWork, { signal, onProgress }: StreamOptions): Promise<BlendResultOf[BlendWork['kind']]> {
  const { draft } = work;
  const checkpoints = await Promise.all(draft.inputs.map((input) => openCheckpoint(input)));
  const options = blendOptionsOf(draft, findMethod(draft.method), checkpoints.every(({ kind }) => kind === 'adapter'));
  if (work.kind === 'forecast') return forecastBlend(options);
  if (work.kind === 'throughput') return measureThroughput(options, signal);
  if (work.kind === 'recipe') return blendRecipe(options, work);
  const report = ({ phase, fraction }: BlendProgress): void => onProgress?.(shares[phase][0] + shares[phase][1] * fraction);
  return blend({ ...options, output: work.output, signal, onProgress: report });
}

serveWork<BlendWork>(carryOut);
