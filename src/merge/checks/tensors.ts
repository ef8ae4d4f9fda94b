import { isFloatDtype, isUnblendableDtype } from '../../checkpoint/dtype';
import type { NamedCheckpoint } from '../../checkpoint/names';
import type { PreflightCheck } from '../preflight-checks';
import { isVocabularyTensor } from '../tokenizer/vocabulary-tensors';
import type { Findings } from './findings';

/** Quantised, packed and complex tensors have no values that could be averaged. */
export function checkTypes({ name, checkpoint }: NamedCheckpoint, { problems }: Findings): void {
  for (const tensor of checkpoint.tensors.values()) if (isUnblendableDtype(tensor.dtype)) problems.push(`${tensor.name}: ${tensor.dtype} in ${name}, which is not blended — convert the checkpoint to bf16, f16 or f32 first`);
}

/** Whole models and adapters do not mix. */
export function checkKinds(first: NamedCheckpoint, other: NamedCheckpoint, findings: Findings): void {
  const isAdapter = (input: NamedCheckpoint) => input.checkpoint.kind === 'adapter';
  if (isAdapter(first) !== isAdapter(other)) {
    const [adapter, model] = isAdapter(first) ? [first, other] : [other, first];
    findings.of('adapters').problems.push(`${adapter.name} is an adapter and ${model.name} is a whole model — merge the adapter into its base first`);
  }
}

/**
 * That two checkpoints have the same tensors: names, shapes, and types.
 * @param areTypesFree whether floats may differ in their type, because something else says the output's
 */
export function checkTensors(first: NamedCheckpoint, other: NamedCheckpoint, areTypesFree: boolean, findings: Findings): void {
  const ours = first.checkpoint.tensors;
  const theirs = other.checkpoint.tensors;
  for (const [name, tensor] of ours) {
    const match = theirs.get(name);
    const { problems } = findings.of(checkOf(name, tensor.shape, match?.shape ?? null));
    if (!match) problems.push(missing(name, first.name, other.name));
    else if (!isSameShape(tensor.shape, match.shape)) problems.push(`${name}: expected [${tensor.shape.join(', ')}] as in ${first.name}, got [${match.shape.join(', ')}] in ${other.name} — ${shapeFix(tensor.shape, match.shape, name)}`);
    else if (tensor.dtype !== match.dtype) {
      const areFloats = isFloatDtype(tensor.dtype) && isFloatDtype(match.dtype);
      if (!areFloats || !areTypesFree) problems.push(`${name}: expected ${tensor.dtype} as in ${first.name}, got ${match.dtype} in ${other.name} — ${areFloats ? 'pass --dtype to say what the soup shall have' : 'convert one of them'}`);
    }
  }
  for (const { name, shape } of theirs.values()) if (!ours.has(name)) findings.of(checkOf(name, shape, null)).problems.push(missing(name, other.name, first.name));
}

export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

const isFactor = /\.lora_(embedding_)?[AB](\.|$)/;
const isHead = /(^|\.)(lm_head|embed_out)\.weight$/;

/** Under which check a difference in a tensor is told; `theirs` is null where the other lacks it. */
function checkOf(name: string, ours: readonly number[], theirs: readonly number[] | null): PreflightCheck {
  if (theirs === null) return isHead.test(name) ? 'tied weights' : isFactor.test(name) ? 'adapters' : 'tensors';
  if (isSameShape(ours, theirs)) return 'tensors';
  if (isVocabularyTensor(name) && haveSameRows(ours, theirs)) return 'vocabulary';
  return isFactor.test(name) ? 'adapters' : 'tensors';
}

function haveSameRows(ours: readonly number[], theirs: readonly number[]): boolean {
  return ours.length === theirs.length && isSameShape(ours.slice(1), theirs.slice(1));
}

function missing(tensor: string, has: string, lacks: string): string {
  return `${tensor}: in ${has}, but not in ${lacks} — ${isHead.test(tensor) ? 'one has its head tied to the embeddings; save both the same way' : isFactor.test(tensor) ? 'they update other modules; blend them with --space delta' : 'blend fine-tunings of one architecture'}`;
}

function shapeFix(ours: readonly number[], theirs: readonly number[], name: string): string {
  if (isVocabularyTensor(name) && haveSameRows(ours, theirs)) return `their vocabularies have ${ours[0]} and ${theirs[0]} entries; resize one (resize_token_embeddings)`;
  if (isFactor.test(name)) return 'their LoRA ranks differ; blend them with --space delta';
  return 'blend fine-tunings of one architecture';
}
