import { methods } from '../../merge/methods/registry';
import { mergekitSchema } from '../../merge/mergekit/schema';
import { parametersAt, parameterText } from '../../merge/mergekit/vocabulary';
import type { KeyPath } from '../../experiment/yaml-source';
import { schemaVocabulary, type Vocabulary } from '../yaml-language/vocabulary';

const dtypes = ['float32', 'bfloat16', 'float16'];

/** The keys of a mergekit configuration: its schema's, and below `parameters` those of its merge method. */
export function mergekitVocabulary(value: unknown): Vocabulary {
  const schema = schemaVocabulary(mergekitSchema, value);
  const named = (value as { readonly merge_method?: unknown }).merge_method;
  const method = typeof named === 'string' ? named : null;
  const parameterAt = (path: KeyPath) => (path.at(-2) === 'parameters' ? parametersAt(path, method)[String(path.at(-1))] : undefined);
  return {
    ...schema,
    keys: (path) => (path.at(-1) === 'parameters' ? Object.keys(parametersAt(path, method)) : schema.keys(path)),
    facts(path) {
      const parameter = parameterAt(path);
      if (parameter) return { description: parameterText(parameter), default: parameter.default ?? undefined, values: parameter.type === 'boolean' ? [true, false] : [], isBlock: false };
      if (path.at(-2) === 'parameters') return null;
      const facts = schema.facts(path);
      const known = path.join() === 'merge_method' ? methods.find(({ name }) => name === method) : undefined;
      return known && facts ? { ...facts, description: `${known.name}: ${known.description}` } : facts;
    },
    values(path) {
      if (path.join() === 'merge_method') return methods.map(({ name, description }) => ({ value: name, description }));
      if (path.length === 1 && ['dtype', 'out_dtype'].includes(String(path[0]))) return dtypes.map((dtype) => ({ value: dtype, description: '' }));
      return parameterAt(path)?.type === 'boolean' ? [{ value: 'true', description: '' }, { value: 'false', description: '' }] : schema.values(path);
    },
  };
}
