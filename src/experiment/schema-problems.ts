import type { z } from 'zod';
import type { Problem } from './diagnostic';
import { nearestName } from './nearest-name';
import { experimentSchema } from './schema';
import { choices, keysAt, schemaAt, valueAt, type SchemaOfFile } from './schema-at';
import { isMapping } from './variant';
import type { KeyPath } from './yaml-source';

const experimentFile = { schema: experimentSchema, emptyFile: 'the file is empty: an experiment has at least name, task, rewards and train' };

interface CheckedFile extends SchemaOfFile {
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
