import type { CheckpointTensor } from '../../checkpoint/checkpoint';
import { isFloatDtype, parseFloatDtype, type Dtype, type FloatDtype } from '../../checkpoint/dtype';
import type { NamedCheckpoint } from '../../checkpoint/names';
import { methodInputs, PreflightError, wrongInputCount } from '../errors';
import type { MergeMethod } from '../methods/method';
import type { ParameterValues } from '../methods/parameter';
import type { RequestedTensor, TensorInput } from '../request';
import { sourceOf } from '../sources/of-tensor';
import type { TensorSource } from '../sources/source';
import type { TokenizerPlan } from '../tokenizer/plan-tokenizer';
import { isVocabularyTensor, vocabularySources } from '../tokenizer/vocabulary-tensors';
import { methodOf } from './parse';
import { resolveParameters, type ResolvedTensor, type ResolvedValues } from './resolve';
import type { MergekitConfig } from './schema';

/** A model of the configuration with what a merge reads of it. */
export interface MergeModel extends NamedCheckpoint {
  /** as the configuration writes it */
  readonly reference: string;
  /** the diagonal of its Fisher information, of methods that take it */
  readonly fisher: NamedCheckpoint | null;
}

/** Types of one rank that hold all values of both. */
function promoted(a: Dtype, b: Dtype): Dtype {
  if (a === b || !isFloatDtype(a) || !isFloatDtype(b)) return a;
  return a === 'F64' || b === 'F64' ? 'F64' : 'F32';
}

/**
 * Every tensor of the output with its method, inputs and parameters.
 * @param models in the order of the request's inputs, to be followed by their Fishers
 * @param tokenizer null where every model keeps its rows
 * @throws PreflightError with every tensor that is missing or has another shape; MethodInputsError
 */
export function mergekitTensors(config: MergekitConfig, models: readonly MergeModel[], tokenizer: TokenizerPlan | null): RequestedTensor[] {
  const method = methodOf(config);
  const problems: string[] = [];
  const dtype = config.out_dtype ?? config.dtype;
  const request = new RequestBuilder(models, method, tokenizer, dtype == null ? null : parseFloatDtype(dtype), problems);
  const tensors = resolveParameters(config, new Map(models.map(({ reference, checkpoint }) => [reference, new Set(checkpoint.tensors.keys())])));
  const requested = tensors.flatMap((tensor) => request.tensor(tensor));
  if (problems.length > 0) throw new PreflightError(problems);
  return requested;
}

class RequestBuilder {
  private readonly indices: ReadonlyMap<string, number>;

  constructor(private readonly models: readonly MergeModel[], private readonly method: MergeMethod, private readonly tokenizer: TokenizerPlan | null, private readonly dtype: FloatDtype | null, private readonly problems: string[]) {
    this.indices = new Map(models.map(({ reference }, i) => [reference, i]));
  }

  tensor({ inputs: given, ...others }: ResolvedTensor): RequestedTensor[] {
    const { name, base, parameters } = others;
    const isBase = ({ model }: { readonly model: string }) => this.method.inputs.base !== 'none' && model === base;
    // the base comes first, as in a blend, so that both give the same bits
    const inputs = [...given.filter(isBase), ...given.filter((input) => !isBase(input))];
    const resolved = { ...others, inputs };
    const baseIndex = inputs.findIndex(isBase);
    this.checkInputs(inputs.length, baseIndex >= 0);
    const found = inputs.map(({ model, tensor }) => this.find(this.modelAt(model), tensor));
    const missing = found.findIndex((tensor) => tensor === null);
    if (missing >= 0) {
      this.problems.push(`${inputs[missing].tensor}: not in ${this.modelAt(inputs[missing].model).name}, though another model of its slice has it — merge models of one architecture`);
      return [];
    }
    const stored = found as CheckpointTensor[];
    const sources = this.sources(name, resolved, stored);
    const shape = this.isReordered(name) && this.tokenizer ? [this.tokenizer.rowCount, ...stored[0].shape.slice(1)] : stored[0].shape;
    if (!this.isReordered(name)) for (const [i, tensor] of stored.entries()) this.checkShape(name, stored[0], tensor, resolved, i);
    const own = stored.map((tensor) => tensor.dtype).reduce(promoted);
    const fishers = this.method.takesFishers && isFloatDtype(own) ? inputs.map(({ model, tensor }) => this.fisher(model, tensor)) : [];
    return [{
      name, shape, method: this.method.name,
      dtype: this.dtype !== null && isFloatDtype(own) ? this.dtype : own,
      parameters: valuesOf(parameters),
      inputs: [...inputs.map(({ model, parameters: values }, i): TensorInput => ({ input: this.indexOf(model), source: sources[i], parameters: this.ofInput(values) })), ...fishers],
      base: baseIndex < 0 ? null : baseIndex,
    }];
  }

  private indexOf(model: string): number {
    return this.indices.get(model) ?? -1;
  }

  private modelAt(model: string): MergeModel {
    return this.models[this.indexOf(model)];
  }

  /** A head that is tied to the embeddings is not stored: where another model has its own, the embeddings stand in. */
  private find({ checkpoint }: NamedCheckpoint, name: string): CheckpointTensor | null {
    const own = checkpoint.tensors.get(name);
    if (own || name !== 'lm_head.weight' || checkpoint.config?.tie_word_embeddings === false) return own ?? null;
    return checkpoint.tensors.get('model.embed_tokens.weight') ?? null;
  }

  private isReordered(name: string): boolean {
    return this.tokenizer !== null && isVocabularyTensor(name);
  }

  private sources(name: string, { inputs }: ResolvedTensor, stored: readonly CheckpointTensor[]): TensorSource[] {
    const own = stored.map(sourceOf);
    if (!this.tokenizer || !this.isReordered(name)) return own;
    const byModel = this.models.map(({ reference }) => {
      const i = inputs.findIndex(({ model }) => model === reference);
      return i < 0 ? null : { shape: stored[i].shape, source: own[i] };
    });
    const reordered = vocabularySources(this.tokenizer, name, byModel);
    return inputs.map(({ model }, i) => reordered[this.indexOf(model)] ?? own[i]);
  }

  private checkShape(name: string, first: CheckpointTensor, tensor: CheckpointTensor, { inputs }: ResolvedTensor, i: number): void {
    if (tensor.shape.join() === first.shape.join()) {
      if (isFloatDtype(tensor.dtype) !== isFloatDtype(first.dtype)) this.problems.push(`${name}: ${first.dtype} in ${this.modelAt(inputs[0].model).name}, ${tensor.dtype} in ${this.modelAt(inputs[i].model).name} — convert one of them`);
      return;
    }
    const fix = isVocabularyTensor(name) ? 'say tokenizer_source: union, base or a model, so that the rows are matched by token' : 'merge models of one architecture';
    this.problems.push(`${name}: expected [${first.shape.join(', ')}] as in ${this.modelAt(inputs[0].model).name}, got [${tensor.shape.join(', ')}] in ${this.modelAt(inputs[i].model).name} — ${fix}`);
  }

  private fisher(model: string, name: string): TensorInput {
    const { fisher, checkpoint, name: expert } = this.modelAt(model);
    const tensor = fisher?.checkpoint.tensors.get(name);
    const parameters = this.ofInput({});
    const input = this.models.length + this.indexOf(model);
    if (!tensor || tensor.shape.join() !== checkpoint.tensors.get(name)?.shape.join()) {
      this.problems.push(`${name}: ${tensor ? `has another shape in the Fisher of ${expert}` : `not in the Fisher of ${expert}`} — estimate it for every tensor`);
      return { input, source: { kind: 'stored', dtype: 'F32', file: '', position: 0 }, parameters };
    }
    return { input, source: sourceOf(tensor), parameters };
  }

  /** The base and the Fishers have no parameters of their own; every input has a value for each all the same. */
  private ofInput(values: ResolvedValues): ParameterValues {
    return Object.fromEntries(Object.entries(this.method.modelParameters).map(([name, { default: value }]) => [name, values[name]?.value ?? value ?? 0]));
  }

  private checkInputs(count: number, hasBase: boolean): void {
    const { name, inputs } = this.method;
    if (inputs.base === 'required' && !hasBase) throw methodInputs(name, 'needs a base: name it in base_model, and in the sources of every slice');
    const experts = count - (hasBase ? 1 : 0);
    if (experts < inputs.minimum || experts > inputs.maximum) throw wrongInputCount(name, inputs, 'model', inputs.base === 'none' ? '' : ' beside the base', experts);
  }
}

function valuesOf(values: ResolvedValues): ParameterValues {
  return Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]));
}
