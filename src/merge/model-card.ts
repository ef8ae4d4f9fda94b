import { stringify } from 'yaml';
import { torchName, type FloatDtype } from '../checkpoint/dtype';
import type { SoupRecord } from './provenance';

/** A blend of whole models as a mergekit configuration; paths are relative to the soup's directory. `soup merge` reads it, and mergekit the methods that it has. */
function blendConfiguration({ method, inputs, weights, base, fishers, methodParameters, modelParameters }: SoupRecord, dtype: FloatDtype | null): Readonly<Record<string, unknown>> {
  const isLinear = method === 'linear';
  const models = inputs.map(({ name: expert, path: model }, i) => {
    const parameters = isLinear ? { weight: weights[expert] } : (modelParameters?.[expert] ?? {});
    return { model, ...(fishers ? { fisher: fishers[i] } : {}), ...(Object.keys(parameters).length > 0 ? { parameters } : {}) };
  });
  const parameters = isLinear ? { normalize: false } : (methodParameters ?? {});
  return {
    models,
    merge_method: method,
    ...(isLinear || base?.path == null ? {} : { base_model: base.path }),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    // a soup of several types has those of its inputs, which no key says
    ...(dtype === null ? {} : { dtype: 'float32', out_dtype: torchName(dtype) }),
  };
}

/** A blend of adapters as a command, to be run in the soup's directory: no mergekit configuration says how factors are averaged. */
function blendCommand({ method, inputs, weights, base, parameters: { space, rank, mergedIntoBase, dtype, extrapolate } }: SoupRecord): string {
  const options: [name: string, value: string | null][] = [
    ['weights', inputs.map(({ name }) => weights[name]).join(',')],
    ...(method === 'linear' ? [] : [['method', method] as [string, string]]),
    ['space', space === 'factors' ? 'factor' : 'delta'],
    ...(rank === undefined ? [] : [['rank', String(rank)] as [string, string]]),
    ...(base?.path == null ? [] : [['base', base.path] as [string, string]]),
    ...(mergedIntoBase ? [['merge-into-base', null] as [string, null]] : []),
    ...(dtype === null ? [] : [['dtype', dtype.toLowerCase()] as [string, string]]),
    ...(extrapolate ? [['extrapolate', null] as [string, null]] : []),
    ['output', '../soup-again'],
  ];
  return ['soup blend', ...inputs.map((input) => quoted(input.path)), ...options.map(([name, value]) => (value === null ? `--${name}` : `--${name}=${quoted(value)}`))].join(' ');
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./,+=:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
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
    base_model: isAdapter && trainedOn !== null ? trainedOn : [...(trainedOn === null ? [] : [trainedOn]), ...inputs.map(({ path }) => path)],
    ...(isAdapter ? { library_name: 'peft' } : {}),
    tags: [...(ofAdapters ? ['lora'] : ['mergekit']), 'merge', 'rewarded-soups'],
  });
  const recipe = ofAdapters ? `\`\`\`sh\n${blendCommand(record)}\n\`\`\`` : `\`\`\`yaml\n${stringify(blendConfiguration(record, dtype))}\`\`\``;
  const rows = inputs.map(({ name: expert, sha256 }) => `| ${expert.replaceAll('|', '\\|')} | ${weights[expert]} | \`${sha256}\` |`);
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
