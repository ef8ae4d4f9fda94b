/** Bytes from the start of the module's memory. */
export type Address = number;
type Blend = (count: number, pointers: Address, weights: Address, out: Address, elements: number, records: Address, squares: Address, measuresInputs: number) => void;
type Convert = (from: Address, to: Address, elements: number) => void;

/** Exports of `merge.as.ts`; each is described where it stands. */
export interface Exports {
  readonly memory: WebAssembly.Memory;
  freeFrom(): Address;
  readonly blendBF16: Blend;
  readonly blendF16: Blend;
  readonly blendF32: Blend;
  measureBF16(from: Address, elements: number, record: Address): void;
  measureF16(from: Address, elements: number, record: Address): void;
  measureF32(from: Address, elements: number, record: Address): void;
  readonly decodeBF16: Convert;
  readonly decodeF16: Convert;
  readonly encodeBF16: Convert;
  readonly encodeF16: Convert;
  subtract(a: Address, b: Address, elements: number): void;
  countUpperKeys(values: Address, elements: number, counts: Address, out: Address): number;
  selectKeys(values: Address, elements: number, upper: number, out: Address): number;
  trim(values: Address, elements: number, key: number, first: number, last: number, dropsLarger: number): number;
  dropByRank(values: Address, elements: number, rowLength: number, start: number, key: number, secondKey: number, nextSecondKey: number, lowest: number, spread: number, counts: Address, sorted: Address, spare: Address): void;
  squareSum(values: Address, elements: number): number;
  variances(count: number, pointers: Address, out: Address, elements: number): void;
  keepMarked(values: Address, marks: Address, elements: number): void;
  addElectedMean(count: number, pointers: Address, weights: Address, base: Address, out: Address, elements: number): void;
  countShared(count: number, pointers: Address, base: Address, elements: number, limit: number, counts: Address): void;
  addChanges(count: number, pointers: Address, factors: Address, base: Address, out: Address, elements: number, limit: number): void;
  swapNear(base: Address, expert: Address, out: Address, elements: number, t: number): void;
  divergence(a: Address, b: Address, elements: number, ownPowers: Address, otherPowers: Address): number;
  scaledDistance(a: Address, b: Address, elements: number, factor: number, out: Address): void;
  chooseMarked(a: Address, b: Address, marks: Address, elements: number, least: number, out: Address): void;
  dropOut(values: Address, elements: number, start: number, key: number, secondKey: number, limit: number): void;
  absoluteSum(values: Address, elements: number): number;
  addTaskVectors(count: number, pointers: Address, factors: Address, weights: Address, base: Address, out: Address, elements: number, lambda: number, divisor: number, electsSigns: number): void;
  addLowRank(values: Address, elements: number, from: number, columns: number, rank: number, right: Address, left: Address): void;
  blendAroundFirst(count: number, pointers: Address, dtypes: Address, weights: Address, out: Address, outDtype: number, elements: number, scratch: Address): void;
  addProducts(count: number, pointers: Address, dtypes: Address, origin: number, elements: number, scratch: Address, sums: Address): void;
}
