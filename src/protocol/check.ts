/**
 * Whether a value has a type: what both ends of a webview hold each other's messages against.
 * @param wrong gets the way to the first part that is not as it should be, innermost first
 */
export type Check<T> = (value: unknown, wrong?: string[]) => value is T;

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
/** Whose sums and squares do not overflow: what charts compare and scale. */
export const isMeasured = (value: unknown): value is number => isNumber(value) && Math.abs(value) < 1e150;
/** of a whole, 0 to 1 */
export const isFraction = (value: unknown): value is number => isNumber(value) && value >= 0 && value <= 1;
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export function isNullOr<T>(check: Check<T>): Check<T | null> {
  return (value, wrong): value is T | null => value === null || check(value, wrong);
}

export function isOptional<T>(check: Check<T>): Check<T | undefined> {
  return (value, wrong): value is T | undefined => value === undefined || check(value, wrong);
}

/** One of two; of a value that is neither, the nearer miss is told. */
export function isEither<A, B>(first: Check<A>, second: Check<B>): Check<A | B> {
  return (value, wrong): value is A | B => {
    const [missed, also]: [string[], string[]] = [[], []];
    if (first(value, missed) || second(value, also)) return true;
    wrong?.push(...(missed.length > also.length ? missed : also));
    return false;
  };
}

export function isOneOf<const T extends string>(...allowed: readonly T[]): Check<T> {
  return (value): value is T => (allowed as readonly unknown[]).includes(value);
}

/** One of all values of a type; a value that the table forgets does not compile. */
export function isKeyOf<T extends string>(all: Readonly<Record<T, true>>): Check<T> {
  return (value): value is T => typeof value === 'string' && Object.hasOwn(all, value);
}

export function isListOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value, wrong): value is readonly T[] => {
    if (!Array.isArray(value)) return false;
    const at = value.findIndex((item) => !check(item, wrong)); // passes over no hole, as every() does
    return at < 0 || told(wrong, at);
  };
}

export function isRecordOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, wrong): value is Readonly<Record<string, T>> => isPlain(value) && Object.entries(value).every(([key, item]) => check(item, wrong) || told(wrong, key));
}

export function isPairOf<A, B>(first: Check<A>, second: Check<B>): Check<readonly [A, B]> {
  return (value, wrong): value is readonly [A, B] => Array.isArray(value) && value.length === 2 && (first(value[0], wrong) || told(wrong, 0)) && (second(value[1], wrong) || told(wrong, 1));
}

/** A value of a type whose parts agree with each other. */
export function isSuch<T>(check: Check<T>, holds: (value: T) => boolean): Check<T> {
  return (value, wrong): value is T => check(value, wrong) && holds(value);
}

type FieldChecks<T> = { readonly [K in keyof T]-?: Check<T[K]> };

/** An object with these fields at least; a field that a type has and the table forgets does not compile. */
export function isObject<T extends object>(fields: FieldChecks<T>): Check<T> {
  const checks = Object.entries<Check<unknown>>(fields);
  return (value, wrong): value is T => isPlain(value) && checks.every(([key, check]) => check(value[key], wrong) || told(wrong, key));
}

/** Gives a message that is as the protocol says; null for any other, and tells why. */
export type Reader<M> = (message: unknown, refuse?: (reason: string) => void) => M | null;

/**
 * A reader of the messages of a union, told apart by `type`.
 * @param fields for each type the checks of its other fields
 */
export function messageReader<M extends { readonly type: string }>(fields: { readonly [K in M['type']]: FieldChecks<Omit<Extract<M, { readonly type: K }>, 'type'>> }): Reader<M> {
  const checks = new Map(Object.entries<FieldChecks<object>>(fields).map(([type, ofType]) => [type, isObject(ofType)]));
  return (message, refuse) => {
    const type = isPlain(message) ? message['type'] : undefined;
    const check = typeof type === 'string' ? checks.get(type) : undefined;
    const wrong: string[] = [];
    if (check?.(message, wrong)) return message as unknown as M;
    refuse?.(check ? `${String(type)}: ${wrong.reverse().join('.')} is ${shown(valueAt(message, wrong))}` : `${shown(type)} is no type of message`);
    return null;
  };
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function told(wrong: string[] | undefined, key: string | number): false {
  wrong?.push(String(key));
  return false;
}

function valueAt(value: unknown, way: readonly string[]): unknown {
  return way.reduce<unknown>((inner, key) => (inner as Readonly<Record<string, unknown>>)[key], value);
}

/** A value in a line of a log. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? `a list of ${value.length}` : 'an object that does not fit';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
}
