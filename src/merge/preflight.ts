import type { FloatDtype } from '../checkpoint/dtype';
import type { NamedCheckpoint } from '../checkpoint/names';
import { checkBases } from './checks/bases';
import { checkAdapter, checkAdapterConfigs, checkModelConfigs, noteModelConfigs } from './checks/configs';
import { Findings, settled } from './checks/findings';
import { checkKinds, checkTensors, checkTypes } from './checks/tensors';
import { checkVocabularies } from './checks/vocabularies';

type Preflight = readonly [inputs: readonly NamedCheckpoint[], dtype: FloatDtype | null, space?: 'factor' | 'delta', base?: NamedCheckpoint | null];

/**
 * Holds what `preflightFindings` finds against the blend.
 * @returns warnings, one sentence each
 * @throws PreflightError with all the problems
 */
export async function preflight(...blend: Preflight): Promise<string[]> {
  return settled(await preflightFindings(...blend));
}

/**
 * Checks from headers and configs alone that checkpoints can be blended: names, shapes, types, vocabularies, adapter
 * rank and alpha, shared base. Every problem names the tensor, both sides and the fix.
 * @param dtype of the soup; where it is said, the inputs' may differ
 * @param space of a blend of adapters: in delta space ranks and alphas may differ
 * @param base of whole models: it has the same tensors, of any type
 */
export async function preflightFindings(...[inputs, dtype, space = 'factor', base = null]: Preflight): Promise<Findings> {
  const findings = new Findings();
  const [first, ...others] = inputs;
  const areAdapters = inputs.every(({ checkpoint }) => checkpoint.kind === 'adapter');
  for (const input of base ? [...inputs, base] : inputs) checkTypes(input, findings);
  if (areAdapters) for (const input of inputs) checkAdapter(input, findings);
  for (const other of others) {
    checkKinds(first, other, findings);
    // updates are compared module by module where they are blended as such
    if (!areAdapters || space === 'factor') checkTensors(first, other, dtype !== null, findings);
    if (areAdapters) checkAdapterConfigs(first, other, space, findings);
    else checkModelConfigs(first, other, findings);
    await checkVocabularies(first, other, findings);
  }
  if (base) {
    checkKinds(first, base, findings);
    checkTensors(first, base, true, findings);
    checkModelConfigs(first, base, findings);
    await checkVocabularies(first, base, findings);
  }
  checkBases(inputs, findings);
  return findings;
}

export interface MergeChecks {
  /** keys of the configs that count layers, where slices say how many there are; none where whole models are merged */
  readonly layerKeys: readonly string[];
  /** rows of the embeddings are put in one order of tokens */
  readonly areRowsMatched: boolean;
  /** every tensor is of one model: what a token means may be doubtful, but no row is an average */
  readonly areCopies: boolean;
}

/**
 * The same for the models of a configuration, whose tensors are matched by its slices: kinds, types, configs,
 * vocabularies, bases.
 * @param models the base first, where there is one
 * @returns warnings
 * @throws PreflightError
 */
export async function preflightMerge(models: readonly NamedCheckpoint[], { layerKeys, areRowsMatched, areCopies }: MergeChecks): Promise<string[]> {
  const findings = new Findings();
  const [first, ...others] = models;
  for (const model of models) {
    if (model.checkpoint.kind === 'adapter') findings.problems.push(`${model.name} is an adapter, and a configuration merges whole models — write base+${model.name}, or blend adapters with soup blend`);
    checkTypes(model, findings);
  }
  for (const other of others) {
    noteModelConfigs(first, other, layerKeys, findings);
    if (areRowsMatched) continue;
    const vocabularies = new Findings();
    await checkVocabularies(first, other, vocabularies);
    (areCopies ? findings.warnings : findings.problems).push(...vocabularies.textsOf('problem'));
    findings.warnings.push(...vocabularies.textsOf('warning'));
  }
  checkBases(models, findings);
  return settled(findings);
}
