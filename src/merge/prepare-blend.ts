import { adaptCheckpoint, withoutTiedCopy } from '../checkpoint/adapted';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import { sharedFloatTensors } from '../checkpoint/float-chunks';
import { nameCheckpoints, type NamedCheckpoint } from '../checkpoint/names';
import { withoutTiedHead } from '../checkpoint/tied';
import type { AdapterBlendOptions } from './adapters/plan-adapter-blend';
import type { BlendOptions } from './blend';
import { blendParameters, type BlendParameters } from './blend-parameters';
import { isAverage } from './blend-request';
import { differingIntegers, integersOfBase } from './differing-integers';
import { adapterBlendProblem } from './errors';
import type { MergeMethod } from './methods/method';
import { preflight } from './preflight';
import { constantWeights, simplexTolerance, type Weight } from './weights';

/** Checkpoints of a blend, opened by their headers. */
export interface OpenedBlend {
  readonly inputs: readonly NamedCheckpoint[];
  readonly base: Checkpoint | null;
  /** null where the inputs are whole models, or adapters that are merged as such */
  readonly adapters: Omit<AdapterBlendOptions, 'metadata' | 'weights'> | null;
}

export interface PreparedBlend extends Omit<OpenedBlend, 'adapters'> {
  readonly weights: readonly Weight[];
  readonly parameters: BlendParameters;
  readonly fishers: readonly NamedCheckpoint[];
  /** integer tensors that differ and are the base's in the soup */
  readonly fromBase: ReadonlySet<string>;
  /** null for whole models, and for factors that are averaged otherwise in each layer */
  readonly adapters: Omit<AdapterBlendOptions, 'metadata'> | null;
  readonly warnings: string[];
}

type Settings = Omit<BlendOptions, 'output'>;

/** Opens what a blend names. @throws what opening checkpoints throws, AdapterBlendError */
export async function openBlend(options: Settings, method: MergeMethod): Promise<OpenedBlend> {
  const base = options.base === undefined ? null : withoutTiedHead(await openCheckpoint(options.base));
  const opened: Checkpoint[] = [];
  for (const input of options.inputs) opened.push(withoutTiedHead(await openCheckpoint(input)));
  const isOfAdapters = opened.every(({ kind }) => kind === 'adapter');
  // methods that need more than an average see the adapters as whole models
  const areApplied = isOfAdapters && base !== null && !isAverage(method);
  const fitting = isOfAdapters && base !== null && (areApplied || options.mergeIntoBase) ? await Promise.all(opened.map((adapter) => withoutTiedCopy(base, adapter))) : opened;
  const checkpoints = areApplied ? fitting.map((adapter) => adaptCheckpoint(`${base.path}+${adapter.path}`, base, adapter)) : fitting;
  return { inputs: nameCheckpoints(checkpoints), base, adapters: adapterOptions(options, method, isOfAdapters && !areApplied, base) };
}

/** Everything that can be known from headers: what is wrong is said before a byte of data is read. */
export async function prepareBlend(options: Settings, method: MergeMethod, { inputs, base, adapters }: OpenedBlend): Promise<PreparedBlend> {
  const [{ checkpoint: first }] = inputs;
  const parameters = blendParameters(method, inputs.map(({ name }) => name), options);
  const { weights } = parameters;
  const warnings = await preflight(inputs, options.dtype ?? null, adapters?.space, comparedBase({ base, adapters }));
  const fromBase = new Set(base && !adapters ? await differingIntegers(inputs, base) : []);
  warnings.push(...integersOfBase([...fromBase]));
  const fishers: NamedCheckpoint[] = [];
  for (const [i, fisher] of (options.fishers ?? []).entries()) {
    const checkpoint = await openCheckpoint(fisher);
    sharedFloatTensors([checkpoint, inputs[i]?.checkpoint ?? first]);
    fishers.push({ name: `Fisher of ${inputs[i]?.name ?? 'no expert'}`, checkpoint });
  }
  const constant = constantWeights(weights);
  if (adapters && !constant && (adapters.space === 'delta' || adapters.mergeIntoBase)) throw adapterBlendProblem('λ that changes over the layers is for their factors — leave --space and --merge-into-base out, or give one number for each');
  const sum = constant?.reduce((total, weight) => total + weight, 0) ?? 1;
  if (method.name === 'linear' && Math.abs(sum - 1) > simplexTolerance) warnings.push(`the weights sum to ${Number(sum.toPrecision(12))}, which scales the model`);
  return { inputs, weights, parameters, fishers, base, fromBase, adapters: adapters && constant && { ...adapters, weights: constant }, warnings };
}

/** The base, where it is a whole model beside whole models and has to have their tensors. */
export function comparedBase({ base, adapters }: Pick<OpenedBlend, 'base' | 'adapters'>): NamedCheckpoint | null {
  return base && !adapters ? { name: 'the base', checkpoint: base } : null;
}

function adapterOptions({ space, rank, mergeIntoBase = false, dtype, shardBytes }: Settings, method: MergeMethod, isOfAdapters: boolean, base: Checkpoint | null): OpenedBlend['adapters'] {
  const flag = ([['--space', space !== undefined], ['--rank', rank !== undefined], ['--merge-into-base', mergeIntoBase]] as const).find(([, isGiven]) => isGiven)?.[0];
  if (flag && !isOfAdapters) throw adapterBlendProblem(`${flag} is for LoRA adapters, and these are blended as whole models — leave it out`);
  if (flag && !isAverage(method)) throw adapterBlendProblem(`${flag} is for averages, and the method is ${method.name} — leave it out and pass --base, to merge whole models`);
  return isOfAdapters ? { space: space ?? 'factor', rank: rank ?? null, base, mergeIntoBase, dtype: dtype ?? null, shardBytes } : null;
}
