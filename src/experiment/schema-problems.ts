import type { z } from 'zod';
import type { Problem } from './diagnostic';
import { nearestName } from './nearest-name';
import { experimentSchema } from './schema';
import { isMapping } from './variant';
import type { KeyPath } from './yaml-source';

const experimentFile = { schema: experimentSchema, emptyFile: 'the file is empty: an experiment has at least name, task, rewards and train' };

/** A parsed YAML and what it should be. */
interface CheckedFile {
  readonly value: unknown;
  readonly schema: z.ZodType;
  readonly emptyFile: string;
}

/**
 * What is wrong with the shape of a file: CheckedFile and missing keys, values of a wrong type or out of range.
 * @param parsed the YAML as plain values
 * @param kind what the file is; an experiment by default
 */
export function schemaProblems(parsed: unknown, issues: readonly z.core.$ZodIssue[], kind: Omit<CheckedFile, 'value'> = experimentFile): Problem[] {
  const file = { ...kind, value: parsed };
  const problems = issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(file, issue.path, key));
    if (issue.code === 'invalid_key') return [{ code: 'wrong-value', message: `${place(issue.path)}${issue.issues[0]?.message ?? issue.message}`, path: issue.path, of: 'key' }];
    const value = valueAt(parsed, issue.path);
    if (value === undefined) return [{ code: 'missing-key', message: missing(file, issue.path), path: issue.path, of: 'key' }];
    return [{ code: 'wrong-value', message: `${place(issue.path)}${wrongValue(file, issue, value)}`, path: issue.path, of: 'value' }];
  });
  // a mistyped key is also a missing one: name the cause first
  return [...problems.filter(({ code }) => code !== 'missing-key'), ...problems.filter(({ code }) => code === 'missing-key')];
}

function unknownKey(file: CheckedFile, path: KeyPath, key: string): Problem {
  const known = keysAt(file, path);
  const nearest = nearestName(key, known);
  const message = `unknown key "${key}"${nearest ? ` — did you mean "${nearest}"?` : `; known here: ${known.join(', ')}`}`;
  return { code: 'unknown-key', message: `${place(path)}${message}`, path: [...path, key], of: 'key' };
}

function missing(file: CheckedFile, path: KeyPath): string {
  if (path.length === 0) return file.emptyFile;
  const description = schemaAt(file, path)?.description;
  return `${place(path.slice(0, -1))}"${String(path.at(-1))}" is missing${description ? `: ${description}` : ''}`;
}

function wrongValue(file: CheckedFile, issue: z.core.$ZodIssue, value: unknown): string {
  const got = `got ${shown(value)}`;
  switch (issue.code) {
    case 'invalid_type': return `expected ${kinds[issue.expected] ?? issue.expected}, ${got}`;
    case 'invalid_value': return `expected ${issue.values.map(String).join(' or ')}, ${got}`;
    case 'invalid_union': return `expected ${choices(file, issue.path).join(' or ') || 'another value'}, ${got}`;
    case 'too_small': return `${issue.origin === 'array' ? 'expected at least' : issue.inclusive === false ? 'expected more than' : 'expected at least'} ${issue.minimum}${issue.origin === 'array' ? ' entries' : ''}, ${got}`;
    case 'too_big': return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}, ${got}`;
    default: return `${issue.message}, ${got}`;
  }
}

const kinds: Readonly<Record<string, string>> = { object: 'a mapping', record: 'a mapping', array: 'a list', string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false' };

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a mapping';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

const place = (path: KeyPath): string => (path.length === 0 ? '' : `${path.map(String).join('.')}: `);

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce((inner: unknown, key) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? (inner as Record<PropertyKey, unknown>)[key] : undefined), value ?? undefined);
}

interface Definition {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  /** of a union, and the key whose value tells its options apart */
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
}

/** The schema of the value at a path of the file; null where the schema knows no such place. */
function schemaAt(file: CheckedFile, path: KeyPath): z.ZodType | null {
  let schema: z.ZodType | undefined = file.schema;
  for (const [depth, key] of path.entries()) {
    const { shape, valueType, element }: Definition = unwrapped(schema, valueAt(file.value, path.slice(0, depth)));
    schema = shape ? shape[String(key)] : (valueType ?? element);
    if (!schema) return null;
  }
  return schema;
}

function keysAt(file: CheckedFile, path: KeyPath): readonly string[] {
  const schema = schemaAt(file, path);
  return schema ? Object.keys(unwrapped(schema, valueAt(file.value, path)).shape ?? {}) : [];
}

/** What may stand where none of a union's options fits: the values of the key that tells them apart, or the kinds of value. */
function choices(file: CheckedFile, path: KeyPath): readonly string[] {
  const parent = schemaAt(file, path.slice(0, -1));
  const { options = [] } = parent ? rawDefinition(parent) : {};
  return options.flatMap((option) => unwrapped(unwrapped(option, undefined).shape?.[String(path.at(-1))] ?? option, undefined).values?.map(String) ?? []);
}

/** The definition below defaults and optionality. */
function rawDefinition(schema: z.ZodType): Definition {
  const definition = schema.def as Definition;
  return definition.innerType ? rawDefinition(definition.innerType) : definition;
}

/** The same; of a union, the option that a value is meant to be. */
function unwrapped(schema: z.ZodType, value: unknown): Definition {
  const definition = rawDefinition(schema);
  const { options, discriminator } = definition;
  if (!options) return definition;
  const isMeant = (option: z.ZodType) => discriminator === undefined
    ? isMapping(value) === (rawDefinition(option).shape !== undefined)
    : rawDefinition(option).shape?.[discriminator]?.safeParse(valueAt(value, [discriminator])).success;
  return unwrapped(options.find(isMeant) ?? options[0]!, value);
}
