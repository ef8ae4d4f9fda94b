import { stringify } from 'yaml';
import { parseFloatDtype, torchName, type FloatDtype } from '../checkpoint/dtype';
import { hubName } from '../checkpoint/names';
import { findMethod } from './methods/registry';
import type { SoupRecord } from './provenance';
import { soupCommand } from './soup-command';
import { weightArgument } from './weights';

/** What of a soup's record says how to make it again; paths as the configuration shall have them. */
export type Recipe = Pick<SoupRecord, 'method' | 'weights' | 'fishers' | 'methodParameters' | 'modelParameters'> & {
  readonly inputs: readonly { readonly name: string; readonly path: string }[];
  readonly base: { readonly path: string | null } | null;
};

/** A blend of whole models as a mergekit configuration; paths are relative to the soup's directory. `soup merge` reads it, and mergekit the methods that it has. */
function blendConfiguration({ method, inputs, weights, base, fishers, methodParameters, modelParameters }: Recipe, dtype: FloatDtype | null): Readonly<Record<string, unknown>> {
  const isLinear = method === 'linear';
  const models = inputs.map(({ name: expert, path: model }, i) => {
    const parameters = isLinear ? { weight: weights[expert] } : (modelParameters?.[expert] ?? {});
    return { model, ...(fishers ? { fisher: fishers[i] } : {}), ...(Object.keys(parameters).length > 0 ? { parameters } : {}) };
  });
  const parameters = isLinear ? { normalize: false } : (methodParameters ?? {});
  return {
    models,
    merge_method: method,
    // a method without a base would take it for one more model
    ...(findMethod(method).inputs.base === 'none' || base?.path == null ? {} : { base_model: base.path }),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    // a soup of several types has those of its inputs, which no key says
    ...(dtype === null ? {} : { dtype: 'float32', out_dtype: torchName(dtype) }),
  };
}

/** The text of such a configuration; a seed, which no key says, is a comment. @param seed null where nothing is drawn */
export function configurationText(recipe: Recipe, dtype: FloatDtype | null, seed: number | null): string {
  return `${seed === null ? '' : `# soup merge --seed ${seed}\n`}${stringify(blendConfiguration(recipe, dtype))}`;
}

/** A blend of adapters as a command, to be run in the soup's directory: no mergekit configuration says how factors are averaged. */
function adapterCommand({ method, inputs, weights, base, parameters: { space, rank, mergedIntoBase, dtype, extrapolate } }: SoupRecord): string {
  return soupCommand({
    inputs: inputs.map(({ path }) => path), weights, method, rank, extrapolate, mergeIntoBase: mergedIntoBase,
    space: space === 'factors' ? 'factor' : 'delta',
    base: base?.path ?? undefined,
    dtype: dtype === null ? undefined : parseFloatDtype(dtype),
  }, inputs.map(({ name }) => name), '../soup-again');
}

/** How the front matter calls a model: by its name on the hub, which alone the hub takes, where it comes from there. */
export function cardName(path: string): string {
  return hubName(path) ?? path;
}

const spaceText = {
  weights: '',
  factors: '\nThe adapter factors A and B are averaged separately, as in the code of the paper; the update BA is then quadratic in λ.\n',
  delta: '\nThe updates BA of the adapters are averaged, so that the update is linear in λ.\n',
} as const;

export interface CardDetails {
  /** of adapters: the base that they name */
  readonly adapterBase: string | null;
  /** of all float tensors; null where they differ */
  readonly dtype: FloatDtype | null;
}

/**
 * Hugging Face model card: front matter, and the recipe. Of whole models it is a mergekit configuration, of adapters the
 * command that made them.
 */
export function modelCard(name: string, record: SoupRecord, { adapterBase, dtype }: CardDetails): string {
  const { method, inputs, base, weights, parameters: { space, mergedIntoBase = false } } = record;
  const ofAdapters = space !== 'weights';
  const isAdapter = ofAdapters && !mergedIntoBase;
  const trainedOn = ofAdapters ? (base?.path ?? adapterBase) : method === 'linear' ? null : (base?.path ?? null);
  const front = stringify({
    // of an adapter the Hub wants the model that it is loaded on
    base_model: isAdapter && trainedOn !== null ? cardName(trainedOn) : [...(trainedOn === null ? [] : [trainedOn]), ...inputs.map(({ path }) => path)].map(cardName),
    ...(isAdapter ? { library_name: 'peft' } : {}),
    tags: [...(ofAdapters ? ['lora'] : ['mergekit']), 'merge', 'rewarded-soups'],
  });
  const recipe = ofAdapters ? `\`\`\`sh\n${adapterCommand(record)}\n\`\`\`` : `\`\`\`yaml\n${configurationText(record, dtype, record.seed)}\`\`\``;
  const rows = inputs.map(({ name: expert, sha256 }) => `| ${expert.replaceAll('|', '\\|')} | ${weightArgument(weights[expert])} | \`${sha256}\` |`);
  return `---
${front}---
# ${name}

${method === 'linear' ? 'A rewarded soup ([Ramé et al. 2023](https://arxiv.org/abs/2306.04488)): linear interpolation of fine-tuned weights.' : `Fine-tuned weights merged by the method ${method}.`}
${spaceText[space]}
| expert | λ | SHA-256 |
|---|---|---|
${rows.join('\n')}

${recipe}

Made by rewarded-soups ${record.toolVersion}; \`soup.json\` has the full provenance.
`;
}
