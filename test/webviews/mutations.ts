import fc from 'fast-check';

/** What is put in the place of a part of a message. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, NaN, Infinity, -Infinity, 0, -0, -1, 0.5, 2, 1e-3, 5e-324, 1e100, -1e100, 1e308, '', ' ', 'x', 'a', '<b>', '__proto__', 'toString', true, false, [], {}, [[]], [0], [null], { a: 1 }),
  fc.double(),
  fc.integer(),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.jsonValue({ maxDepth: 2 }),
);

const change = fc.record({ at: fc.nat(), what: fc.constantFrom('replace', 'replace', 'replace', 'delete', 'shorten', 'repeat', 'add'), value: junk });

/**
 * Messages made of these with one to three parts changed: replaced by something else, taken away, repeated, or joined by
 * a part that no one knows.
 */
export function mutated(...messages: readonly object[]): fc.Arbitrary<unknown> {
  return fc.record({ message: fc.constantFrom(...messages), changes: fc.array(change, { minLength: 1, maxLength: 3 }) }).map(({ message, changes }) => {
    const copy = structuredClone(message);
    for (const { at, what, value: given } of changes) {
      const places = placesOf(copy);
      const [holder, key] = places[at % places.length] ?? [copy as Holder, 'type']; // of a message of which nothing is left
      const value: unknown = structuredClone(given); // a later change may be inside it
      const part = holder[key];
      if (what === 'delete') delete holder[key];
      else if (what === 'replace') holder[key] = value;
      else if (Array.isArray(part)) part.splice(0, what === 'shorten' ? 1 : 0, ...(what === 'repeat' ? part.slice(0, 1) : what === 'add' ? [value] : []));
      else if (typeof part === 'object' && part !== null && what === 'add') (part as Holder)['added'] = value;
      else holder[key] = what === 'repeat' ? [part, part] : value;
    }
    return copy;
  });
}

type Holder = Record<string, unknown>;

/** Every part of a message, by what holds it. */
function placesOf(value: unknown): [Holder, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [[value as Holder, key] as [Holder, string], ...placesOf(part)]);
}
