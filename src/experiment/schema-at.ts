import type { z } from 'zod';
import { isMapping } from './variant';
import type { KeyPath } from './yaml-source';

/** A parsed YAML and what it should be. */
export interface SchemaOfFile {
  readonly value: unknown;
  readonly schema: z.ZodType;
}

/** What can be said of one key of a file. */
export interface KeyFacts {
  readonly description: string | null;
  /** undefined where there is none */
  readonly default: unknown;
  /** the values that it takes, where they are few */
  readonly values: readonly unknown[];
  /** whether its value is a mapping or a list, which goes on in the next lines */
  readonly isBlock: boolean;
}

/** The value at a path of plain values; undefined where there is none. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce((inner: unknown, key) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? (inner as Record<PropertyKey, unknown>)[key] : undefined), value ?? undefined);
}

interface Definition {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly defaultValue?: unknown;
  readonly entries?: Readonly<Record<string, unknown>>;
  /** of a union, and the key whose value tells its options apart */
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly type?: string;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
}

/** The schema of the value at a path of the file; null where the schema knows no such place. */
export function schemaAt(file: SchemaOfFile, path: KeyPath): z.ZodType | null {
  let schema: z.ZodType | undefined = file.schema;
  for (const [depth, key] of path.entries()) {
    const { shape, valueType, element }: Definition = unwrapped(schema, valueAt(file.value, path.slice(0, depth)));
    schema = shape ? shape[String(key)] : (valueType ?? element);
    if (!schema) return null;
  }
  return schema;
}

/** The keys that the mapping at a path may have; none where they are free. */
export function keysAt(file: SchemaOfFile, path: KeyPath): readonly string[] {
  const schema = schemaAt(file, path);
  return schema ? Object.keys(unwrapped(schema, valueAt(file.value, path)).shape ?? {}) : [];
}

/** Description, default and values of the key at a path; null where the schema knows no such key. */
export function factsAt(file: SchemaOfFile, path: KeyPath): KeyFacts | null {
  const schema = schemaAt(file, path);
  if (!schema) return null;
  const definition = unwrapped(schema, valueAt(file.value, path));
  const kinds = choices(file, path);
  return {
    description: descriptionOf(schema),
    default: defaultOf(schema),
    values: kinds.length > 0 ? kinds : valuesOf(definition),
    isBlock: [definition.shape, definition.valueType, definition.element].some((part) => part !== undefined),
  };
}

/** Wrappers stand around one another: description and default may lie below `optional`. */
function descriptionOf(schema: z.ZodType): string | null {
  const { innerType } = schema.def as Definition;
  return schema.description ?? (innerType ? descriptionOf(innerType) : null);
}

function defaultOf(schema: z.ZodType): unknown {
  const { type, defaultValue, innerType } = schema.def as Definition;
  if (type === 'default') return defaultValue;
  return innerType ? defaultOf(innerType) : undefined;
}

function valuesOf({ values, entries, type }: Definition): readonly unknown[] {
  return values ?? (entries ? Object.values(entries) : type === 'boolean' ? [true, false] : []);
}

/** What may stand where none of a union's options fits: the values of the key that tells them apart, or the kinds of value. */
export function choices(file: SchemaOfFile, path: KeyPath): readonly string[] {
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
