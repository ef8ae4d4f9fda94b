/** A small seeded generator (xorshift32): a failing case is found again by its number. */
export class Random {
  constructor(private state: number) {
    this.state = Math.imul(state + 1, 0x9e3779b1) >>> 0 || 1;
  }

  /** a whole number of [0, below) */
  below(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state % below;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

export type Mutation = (bytes: Buffer, random: Random) => Buffer;

const flip: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  for (let n = 1 + random.below(8); n > 0 && copy.length > 0; n--) copy[random.below(copy.length)] = random.below(256);
  return copy;
};
const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));
const extend: Mutation = (bytes, random) => Buffer.concat([bytes, Buffer.alloc(1 + random.below(64), random.below(256))]);
const remove: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16))]);
};
const repeat: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(64));
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
};

/** Damage that any format can suffer. */
export const plainMutations: readonly Mutation[] = [flip, truncate, extend, remove, repeat];

/** How many cases to try: a few thousand with the tests, `npm run fuzz` asks for more. */
export const fuzzRuns = Number(process.env.FUZZ_RUNS ?? 5000);
