import { invalidParameter, unknownParameter } from '../errors';

export type ParameterValue = number | boolean;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** One parameter of a method: what command line, YAML, forms and checks need to know of it. */
export interface Parameter {
  readonly type: 'number' | 'integer' | 'boolean';
  /** null where the user has to say it */
  readonly default: ParameterValue | null;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description: string;
}

/** Parameters by name. */
export type ParameterTable = Readonly<Record<string, Parameter>>;

/** What a table's parameters are to a method: numbers, and booleans where it says so. */
export type ValuesOf<Table extends ParameterTable> = { readonly [Name in keyof Table]: Table[Name]['type'] extends 'boolean' ? boolean : number };

/**
 * A value for every parameter of the table: what was given, else the default.
 * @param where what the parameters belong to, for messages
 * @throws UnknownParameterError, InvalidParameterError
 */
export function resolveParameters(table: ParameterTable, given: Readonly<Record<string, unknown>>, where: string): ParameterValues {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(table, name));
  if (unknown !== undefined) throw unknownParameter(where, unknown, Object.keys(table));
  return Object.fromEntries(Object.entries(table).map(([name, parameter]) => {
    const value = given[name] ?? parameter.default;
    if (value === null) throw invalidParameter(where, name, 'has no value and no default — give it one');
    return [name, checkedValue(parameter, value, (what) => invalidParameter(where, name, what))];
  }));
}

/** The value, if the parameter may have it; else what `refused` makes of the reason is thrown. */
export function checkedValue({ type, minimum = -Infinity, maximum = Infinity }: Parameter, value: unknown, refused: (what: string) => Error): ParameterValue {
  if (type === 'boolean') {
    if (typeof value !== 'boolean') throw refused(`is ${JSON.stringify(value)} — expected true or false`);
    return value;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refused(`is ${JSON.stringify(value)} — expected a number`);
  if (type === 'integer' && !Number.isSafeInteger(value)) throw refused(`is ${value} — expected a whole number`);
  if (value < minimum || value > maximum) throw refused(`is ${value} — expected ${range(minimum, maximum)}`);
  return value;
}

function range(minimum: number, maximum: number): string {
  if (maximum === Infinity) return `at least ${minimum}`;
  return minimum === -Infinity ? `at most ${maximum}` : `${minimum} to ${maximum}`;
}
