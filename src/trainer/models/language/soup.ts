import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { openCheckpoint } from '../../../checkpoint/checkpoint';
import { checkpointSha256 } from '../../../checkpoint/digest';
import type { OpenBackend, Tf } from '../../backend/backend';
import type { LanguageSoup } from '../language-model';
import { describeArchitecture, tensorSpecs, weightName, type Architecture, type Linear } from '../../../architecture/architecture';
import { adapterMismatch } from '../../../architecture/errors';
import type { CausalLanguageModel } from './model';
import { openCausalModel } from './open';
import { readAdapterOf } from './peft';
import { readWeights } from './weight-files';

/** A soup whose model can be watched while it is not the one that writes. */
export interface CausalSoup extends LanguageSoup {
  readonly model: CausalLanguageModel;
}

/** One expert on the device: all its weights, or the factors of its adapter. */
interface Expert {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly factors: ReadonlyMap<string, { readonly linear: Linear; readonly a: Tensor2D; readonly b: Tensor2D; readonly scale: number }>;
}

/**
 * Base and experts (directories of whole models, or of PEFT adapters on the base) in memory, for any λ.
 * @throws AdapterMismatchError when adapters belong to another base or, to be blended in factor space, differ in rank or scale, and what `openLanguageModel` throws
 */
export async function openLanguageSoup(backend: OpenBackend, base: string, experts: readonly string[], space: 'delta' | 'factor'): Promise<CausalSoup> {
  const { tf } = backend;
  const model = await openCausalModel(backend, base);
  const architecture = describeArchitecture(base, model.config);
  const loaded: Expert[] = [];
  const baseSha256 = once(async () => checkpointSha256(await openCheckpoint(base)));
  for (const directory of experts) loaded.push(await loadExpert(tf, directory, architecture, baseSha256));
  const opened = new Map([...model.base].map(([name, weight]) => [name, tf.tidy(() => tf.keep((weight as Tensor).clone()))]));
  if (space === 'factor') checkFactors(experts, loaded);
  return {
    model,
    blend: (weights) => tf.tidy(() => {
      for (const [name, variable] of model.base) {
        const soup = blendTensor(tf, name, opened.get(name)!, loaded, weights, space);
        if (soup) variable.assign(soup);
      }
    }),
    dispose() {
      model.dispose();
      tf.dispose([...opened.values()]);
      for (const { tensors, factors } of loaded) tf.dispose([...tensors.values(), ...[...factors.values()].flatMap(({ a, b }) => [a, b])]);
    },
  };
}

/** The base is hashed for adapters alone, and once. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => (result ??= work());
}

async function loadExpert(tf: Tf, directory: string, architecture: Architecture, baseSha256: () => Promise<string>): Promise<Expert> {
  const checkpoint = await openCheckpoint(directory);
  if (checkpoint.kind !== 'adapter') {
    const weights = await readWeights(checkpoint, architecture);
    return { tensors: new Map(tensorSpecs(architecture).map(({ name, shape }) => [name, tf.tensor(weights.get(name)!, [...shape], 'float32')])), factors: new Map() };
  }
  const { adapters } = await readAdapterOf(directory, architecture, await baseSha256());
  return {
    tensors: new Map(),
    factors: new Map([...adapters.values()].map(({ linear, rank, scale, a, b }) => [weightName(linear), { linear, scale, a: tf.tensor2d(a, [rank, linear.inputs]), b: tf.tensor2d(b, [linear.outputs, rank]) }])),
  };
}

/** Averaged factors mean something only where every adapter has the same layers, rank and scale. */
function checkFactors(names: readonly string[], experts: readonly Expert[]): void {
  const describe = ({ factors }: Expert): string => JSON.stringify([...factors].map(([name, { a, scale }]) => [name, a.shape[0], scale]).sort());
  const other = experts.findIndex((expert) => describe(expert) !== describe(experts[0]!));
  if (other > 0) throw adapterMismatch(names[other]!, `its layers, rank or scale differ from those of ${names[0]!}, so their factors cannot be averaged (delta space can)`);
}

/** Σ λᵢ θᵢ of one tensor, each product and sum rounded to float32; null where no expert changes it. */
function blendTensor(tf: Tf, name: string, base: Tensor, experts: readonly Expert[], weights: readonly number[], space: 'delta' | 'factor'): Tensor | null {
  if (experts.every(({ tensors, factors }) => !tensors.has(name) && !factors.has(name))) return null;
  // Σ λ = 1: an adapter's θ is base + ΔW, and the bases add up to the base again
  const adapted = experts.flatMap(({ factors }, i) => (factors.has(name) ? [{ ...factors.get(name)!, weight: weights[i]! }] : []));
  const whole = experts.flatMap(({ tensors }, i) => (tensors.has(name) ? [tf.mul(tensors.get(name)!, weights[i]!)] : []));
  const shareOfBase = 1 - experts.reduce((sum, { tensors }, i) => sum + (tensors.has(name) ? weights[i]! : 0), 0);
  const parts = whole.length === experts.length ? whole : [...whole, whole.length === 0 ? base : tf.mul(base, shareOfBase)];
  if (adapted.length > 0) parts.push(...deltas(tf, adapted, space));
  return parts.reduce((sum, part) => tf.add(sum, part));
}

function deltas(tf: Tf, adapted: readonly { readonly linear: Linear; readonly a: Tensor2D; readonly b: Tensor2D; readonly scale: number; readonly weight: number }[], space: 'delta' | 'factor'): Tensor[] {
  const product = (a: Tensor2D, b: Tensor2D, linear: Linear, scale: number): Tensor => {
    const delta = tf.mul(tf.matMul(b, a), scale);
    return linear.layout === 'out-in' ? delta : tf.transpose(delta);
  };
  if (space === 'delta') return adapted.map(({ linear, a, b, scale, weight }) => product(a, b, linear, scale * weight));
  const mean = (factor: 'a' | 'b'): Tensor2D => adapted.map((adapter) => tf.mul(adapter[factor], adapter.weight)).reduce((sum, part) => tf.add(sum, part)) as Tensor2D;
  const { linear, scale } = adapted[0]!;
  return [product(mean('a'), mean('b'), linear, scale)];
}

