import type { Checkpoint, CheckpointTensor } from './checkpoint';
import { isFloatDtype } from './dtype';
import { adapterMismatch } from './errors';
import { ownName } from './names';
import { isEmbeddings, isHead } from './tied';
import { openTensorReader } from './tensor-reader';
import { baseName, readLoraAdapter, refuseChangedBase, updateOf, type LoraAdapter } from './lora-adapter';

/** A name of the base, which may be saved without the first part of the path that its adapters have (`transformer.`). */
function tensorOf(base: Checkpoint, name: string): CheckpointTensor | undefined {
  return base.tensors.get(name) ?? base.tensors.get(name.replace(/^[^.]+\./, ''));
}

/**
 * The base's weight that a module updates.
 * @throws AdapterMismatchError when the base has none: such an adapter would change nothing, unseen
 */
export function weightOf(base: Checkpoint, adapter: LoraAdapter, module: string): CheckpointTensor {
  const tensor = tensorOf(base, `${module}.weight`);
  if (!tensor) {
    const names = [...adapter.modules.keys()];
    const matching = names.filter((name) => tensorOf(base, `${name}.weight`)).length;
    const isHead = module === 'lm_head' ? ', whose head may be tied to its embeddings' : '';
    throw adapterMismatch(adapter.checkpoint.path, `updates ${module}, which is not in ${base.path}${isHead}; ${matching} of its ${names.length} modules are — give the base that it was trained on`);
  }
  if (!isFloatDtype(tensor.dtype)) throw adapterMismatch(adapter.checkpoint.path, `updates ${module}, which ${base.path} has as ${tensor.dtype} — give a base that is not quantised`);
  return tensor;
}

/**
 * A base with a LoRA adapter applied, as PEFT's merge_and_unload gives it, without computing it: tensors carry their
 * updates, which readers add.
 * @throws AdapterMismatchError, UnsupportedAdapterError, MalformedAdapterError
 */
export function adaptCheckpoint(given: string, base: Checkpoint, adapterCheckpoint: Checkpoint): Checkpoint {
  const applied = applyAdapters(given, base, [{ adapter: readLoraAdapter(adapterCheckpoint), weight: 1 }]);
  // its own name and lineage are the adapter's, not the base's
  const ofBase = Object.entries(base.metadata).filter(([key]) => !key.startsWith('soup.'));
  const metadata = { ...Object.fromEntries(ofBase), ...adapterCheckpoint.metadata, 'soup.name': ownName(adapterCheckpoint) };
  return { ...applied, metadata, adapted: { base, adapter: adapterCheckpoint } };
}

/** θ₀ + Σ wᵢΔᵢ. Whole tensors that adapters replace are taken as they are, which only one adapter of weight 1 may do. */
export function applyAdapters(given: string, base: Checkpoint, adapters: readonly { readonly adapter: LoraAdapter; readonly weight: number }[]): Checkpoint {
  const tensors = new Map(base.tensors);
  for (const { adapter } of adapters) {
    const { path: where } = adapter.checkpoint;
    refuseChangedBase(adapter.checkpoint, base.path);
    for (const [name, tensor] of adapter.replaced) {
      const own = tensorOf(base, name);
      if (!own) throw adapterMismatch(where, `replaces ${name}, which is not in ${base.path}${isHead(name) ? ', whose head may be tied to its embeddings' : ''} — give the base that it was trained on`);
      tensors.set(own.name, { ...tensor, name: own.name });
    }
  }
  for (const { adapter, weight } of adapters) {
    for (const module of adapter.modules.values()) {
      const { name } = weightOf(base, adapter, module.name);
      const tensor = tensors.get(name) as CheckpointTensor;
      tensors.set(name, { ...tensor, updates: [...(tensor.updates ?? []), updateOf(module, tensor, weight, adapter.checkpoint.path)] });
    }
  }
  checkRows(tensors, base, adapters.map(({ adapter }) => adapter.checkpoint.path));
  return { ...base, path: given, tensors, files: [...base.files, ...adapters.flatMap(({ adapter }) => adapter.checkpoint.files)] };
}

/**
 * An adapter for a base whose head is its embeddings: PEFT saves such a head beside the embeddings, and it is left out.
 * @throws AdapterMismatchError where the two were trained apart
 */
export async function withoutTiedCopy(base: Checkpoint, adapter: Checkpoint): Promise<Checkpoint> {
  const named = (isKind: (name: string) => boolean) => [...adapter.tensors.values()].find(({ name }) => isKind(baseName(name)));
  const [head, embeddings] = [named(isHead), named(isEmbeddings)];
  const isTied = base.config?.tie_word_embeddings === true || (base.config?.tie_word_embeddings !== false && ![...base.tensors.keys()].some(isHead));
  if (!isTied || !head || !embeddings) return adapter;
  if (!(await haveSameBytes(head, embeddings))) throw adapterMismatch(adapter.path, `replaces ${baseName(head.name)} by another matrix than the embeddings, and ${base.path} has one for both — save the base with tie_word_embeddings: false and a head of its own`);
  return { ...adapter, tensors: new Map([...adapter.tensors].filter(([name]) => name !== head.name)) };
}

const comparedBytes = 1 << 20;

async function haveSameBytes(a: CheckpointTensor, b: CheckpointTensor): Promise<boolean> {
  const size = a.end - a.begin;
  if (a.dtype !== b.dtype || size !== b.end - b.begin) return false;
  const reader = openTensorReader();
  try {
    const [ours, theirs] = [Buffer.alloc(comparedBytes), Buffer.alloc(comparedBytes)];
    for (let at = 0; at < size; at += comparedBytes) {
      const count = Math.min(comparedBytes, size - at);
      await reader.read(a, at, ours.subarray(0, count));
      await reader.read(b, at, theirs.subarray(0, count));
      if (!ours.subarray(0, count).equals(theirs.subarray(0, count))) return false;
    }
    return true;
  } finally {
    await reader.close();
  }
}

/** Where tokens were added, the head has a row for each too. @throws AdapterMismatchError */
function checkRows(tensors: ReadonlyMap<string, CheckpointTensor>, base: Checkpoint, adapters: readonly string[]): void {
  const head = [...tensors.values()].find(({ name }) => isHead(name));
  const embeddings = [...tensors.values()].find(({ name }) => isEmbeddings(name));
  if (!head || !embeddings || base.config?.tie_word_embeddings === true || head.shape[0] === embeddings.shape[0]) return;
  const own = [head, embeddings].map(({ name }) => base.tensors.get(name)?.shape[0]);
  if (own[0] !== own[1]) return;
  throw adapterMismatch(adapters.join(' and '), `leaves ${embeddings.name} with ${embeddings.shape[0]} rows and ${head.name} with ${head.shape[0]}: tokens were added, and only one of the two was saved — save the adapter with both (modules_to_save: [embed_tokens, lm_head], or save_pretrained(…, save_embedding_layers=True))`);
}
