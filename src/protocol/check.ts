/** Whether a value has a type: what both ends of a webview hold each other's messages against. */
export type Check<T> = (value: unknown) => value is T;

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export function isNullOr<T>(check: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || check(value);
}

export function isOptional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

export function isEither<A, B>(first: Check<A>, second: Check<B>): Check<A | B> {
  return (value): value is A | B => first(value) || second(value);
}

export function isOneOf<const T extends string>(...allowed: readonly T[]): Check<T> {
  return (value): value is T => (allowed as readonly unknown[]).includes(value);
}

export function isListOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(check);
}

export function isRecordOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> => typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check);
}

export function isPairOf<A, B>(first: Check<A>, second: Check<B>): Check<readonly [A, B]> {
  return (value): value is readonly [A, B] => Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1]);
}

type FieldChecks<T> = { readonly [K in keyof T]-?: Check<T[K]> };

/** An object with these fields at least; a field that a type has and the table forgets does not compile. */
export function isObject<T extends object>(fields: FieldChecks<T>): Check<T> {
  return (value): value is T =>
    typeof value === 'object' && value !== null && Object.entries<Check<unknown>>(fields).every(([key, check]) => check((value as Record<string, unknown>)[key]));
}

/**
 * A reader of the messages of a union, told apart by `type`; it gives null for everything else.
 * @param fields for each type the checks of its other fields
 */
export function messageReader<M extends { readonly type: string }>(fields: { readonly [K in M['type']]: FieldChecks<Omit<Extract<M, { readonly type: K }>, 'type'>> }): (message: unknown) => M | null {
  return (message) => {
    if (!isObject<{ readonly type: string }>({ type: isText })(message) || !Object.hasOwn(fields, message.type)) return null;
    return isObject(fields[message.type as M['type']] as FieldChecks<object>)(message) ? (message as unknown as M) : null;
  };
}
