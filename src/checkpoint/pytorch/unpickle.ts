import { allowedGlobal, construct, isNatural } from './allowed-globals';
import { malformedPickle, unsupportedPytorch } from './errors';
import { PickleGlobal, StorageReference, type PickleValue } from './pickle-values';

/** A pickle's value, and where the next one begins. */
export interface Unpickled {
  readonly value: PickleValue;
  readonly end: number;
}

/** Thrown where the bytes end before the pickle does: the caller may have more of them. */
export class PickleEnds extends Error {}

/**
 * Reads one pickle (protocols 0 to 5) into plain values. A machine of its own: names are compared with a short list,
 * and nothing is imported, looked up or called.
 * @throws UnsafePickleError with the name of anything but tensors and plain containers, MalformedPickleError,
 *   UnsupportedPytorchError, PickleEnds
 */
export function unpickle(bytes: Uint8Array, start: number, file: string): Unpickled {
  return new PickleMachine(bytes, start, file).run();
}

/** As `unpickle`, of bytes that are all there is. */
export function wholePickle(bytes: Uint8Array, file: string): Unpickled {
  try {
    return unpickle(bytes, 0, file);
  } catch (error) {
    throw error instanceof PickleEnds ? malformedPickle(file, 'its pickle is cut off') : error;
  }
}

const mark = Symbol('mark');
type StackItem = PickleValue | typeof mark;

class PickleMachine {
  private readonly view: DataView;
  private readonly stack: StackItem[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(private readonly bytes: Uint8Array, private position: number, readonly file: string) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): Unpickled {
    for (;;) {
      const code = this.natural(1);
      if (code === stop) return { value: this.pop(), end: this.position };
      const operation = operations.get(code);
      if (!operation) throw this.malformed(`operation 0x${code.toString(16)} at byte ${this.position - 1} is not of the pickle format`);
      operation(this);
    }
  }

  malformed(what: string): Error {
    return malformedPickle(this.file, what);
  }

  take(length: number): Uint8Array {
    if (!(length <= this.bytes.byteLength - this.position)) throw new PickleEnds();
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes, little-endian. */
  natural(size: 1 | 2 | 4 | 8): number {
    this.take(size);
    const at = this.position - size;
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at, true);
    return size === 4 ? this.view.getUint32(at, true) : Number(this.view.getBigUint64(at, true));
  }

  int32(): number {
    this.take(4);
    return this.view.getInt32(this.position - 4, true);
  }

  float64(): number {
    this.take(8);
    return this.view.getFloat64(this.position - 8, false);
  }

  /** Two's complement of any length. */
  long(length: number): number | bigint {
    if (length > 1024) throw this.malformed(`it has a number of ${length} bytes`);
    const digits = this.take(length);
    if (length === 0) return 0;
    const value = BigInt.asIntN(8 * length, BigInt(`0x${Buffer.from(digits).reverse().toString('hex')}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  text(length: number): string {
    return Buffer.from(this.take(length)).toString('utf8');
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.position);
    if (end < 0) throw new PickleEnds();
    const text = this.text(end - this.position);
    this.position++;
    return text;
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pushMark(): void {
    this.stack.push(mark);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === mark) throw this.malformed('it takes from an empty stack');
    return value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  popToMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(mark);
    if (at < 0) throw this.malformed('it has no mark');
    const [, ...items] = this.stack.splice(at) as [symbol, ...PickleValue[]];
    return items;
  }

  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  get(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.malformed(`it recalls ${index}, which it has not kept`);
    this.push(value);
  }

  put(index = this.memo.size): void {
    this.memo.set(index, this.top());
  }

  extend(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.malformed('it appends to something that is no list');
    // one by one: there may be more items than arguments are allowed
    for (const item of items) list.push(item);
  }

  setItems(items: readonly PickleValue[]): void {
    const map = this.top();
    if (!(map instanceof Map) || items.length % 2 !== 0) throw this.malformed('it sets items of something that is no dictionary');
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  }

  /** State is only ever the attributes of an OrderedDict, which carry no tensors. */
  build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw unsupportedPytorch(this.file, 'it sets the state of an object that is no dictionary');
  }

  persistent(id: PickleValue): void {
    if (!Array.isArray(id) || id[0] !== 'storage') throw this.malformed('it refers to something outside that is no storage');
    const [, type, key, , elements, view = null] = id;
    if (!(type instanceof PickleGlobal) || typeof key !== 'string' || !isNatural(elements)) throw this.malformed('a storage has no type, key and size');
    if (view !== null) throw unsupportedPytorch(this.file, `its storage ${key} is a view of another`);
    this.push(new StorageReference(type.name, key, elements));
  }

  refuse(what: string): never {
    throw unsupportedPytorch(this.file, `it ${what}, which no file of tensors does`);
  }
}

const stop = 0x2e;

function decimal(machine: PickleMachine, text: string): PickleValue {
  // protocol 0 writes booleans as I00 and I01
  if (text === '00' || text === '01') return text === '01';
  const digits = text.replace(/L$/, '');
  if (!/^-?\d{1,400}$/.test(digits)) throw machine.malformed('it has a number that is none');
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
}

function float(machine: PickleMachine, text: string): number {
  const value = Number(text);
  if (Number.isNaN(value)) throw machine.malformed('it has a number that is none');
  return value;
}

/** By code, in the order of Python's pickletools. */
const operations = new Map<number, (machine: PickleMachine) => void>(Object.entries({
  I: (m: PickleMachine) => m.push(decimal(m, m.line())),
  J: (m: PickleMachine) => m.push(m.int32()),
  K: (m: PickleMachine) => m.push(m.natural(1)),
  M: (m: PickleMachine) => m.push(m.natural(2)),
  L: (m: PickleMachine) => m.push(decimal(m, m.line())),
  '\x8a': (m: PickleMachine) => m.push(m.long(m.natural(1))),
  '\x8b': (m: PickleMachine) => m.push(m.long(m.natural(4))),
  T: (m: PickleMachine) => m.push(m.text(m.natural(4))),
  U: (m: PickleMachine) => m.push(m.text(m.natural(1))),
  B: (m: PickleMachine) => m.push(m.take(m.natural(4))),
  C: (m: PickleMachine) => m.push(m.take(m.natural(1))),
  '\x8e': (m: PickleMachine) => m.push(m.take(m.natural(8))),
  '\x96': (m: PickleMachine) => m.push(m.take(m.natural(8))),
  N: (m: PickleMachine) => m.push(null),
  '\x88': (m: PickleMachine) => m.push(true),
  '\x89': (m: PickleMachine) => m.push(false),
  V: (m: PickleMachine) => m.push(m.line()),
  X: (m: PickleMachine) => m.push(m.text(m.natural(4))),
  '\x8c': (m: PickleMachine) => m.push(m.text(m.natural(1))),
  '\x8d': (m: PickleMachine) => m.push(m.text(m.natural(8))),
  F: (m: PickleMachine) => m.push(float(m, m.line())),
  G: (m: PickleMachine) => m.push(m.float64()),
  ']': (m: PickleMachine) => m.push([]),
  a: (m: PickleMachine) => { const [item] = m.popMany(1); m.extend([item]); },
  e: (m: PickleMachine) => { const items = m.popToMark(); m.extend(items); },
  l: (m: PickleMachine) => m.push(m.popToMark()),
  ')': (m: PickleMachine) => m.push([]),
  t: (m: PickleMachine) => m.push(m.popToMark()),
  '\x85': (m: PickleMachine) => m.push(m.popMany(1)),
  '\x86': (m: PickleMachine) => m.push(m.popMany(2)),
  '\x87': (m: PickleMachine) => m.push(m.popMany(3)),
  '}': (m: PickleMachine) => m.push(new Map()),
  d: (m: PickleMachine) => { const items = m.popToMark(); m.push(new Map()); m.setItems(items); },
  s: (m: PickleMachine) => { const items = m.popMany(2); m.setItems(items); },
  u: (m: PickleMachine) => { const items = m.popToMark(); m.setItems(items); },
  '\x8f': (m: PickleMachine) => m.push([]),
  '\x90': (m: PickleMachine) => { const items = m.popToMark(); m.extend(items); },
  '\x91': (m: PickleMachine) => m.push(m.popToMark()),
  0: (m: PickleMachine) => { m.pop(); },
  2: (m: PickleMachine) => m.push(m.top()),
  '(': (m: PickleMachine) => m.pushMark(),
  1: (m: PickleMachine) => { m.popToMark(); },
  g: (m: PickleMachine) => m.get(float(m, m.line())),
  h: (m: PickleMachine) => m.get(m.natural(1)),
  j: (m: PickleMachine) => m.get(m.natural(4)),
  p: (m: PickleMachine) => m.put(float(m, m.line())),
  q: (m: PickleMachine) => m.put(m.natural(1)),
  r: (m: PickleMachine) => m.put(m.natural(4)),
  '\x94': (m: PickleMachine) => m.put(),
  c: (m: PickleMachine) => { const module = m.line(); m.push(allowedGlobal(module, m.line(), m.file)); },
  '\x93': (m: PickleMachine) => { const [module, name] = m.popMany(2); m.push(allowedGlobal(String(module), String(name), m.file)); },
  R: (m: PickleMachine) => { const [callable, args] = m.popMany(2); m.push(construct(callable, args, m.file)); },
  '\x81': (m: PickleMachine) => { const [callable, args] = m.popMany(2); m.push(construct(callable, args, m.file)); },
  b: (m: PickleMachine) => m.build(),
  // what these name is said by name all the same
  i: (m: PickleMachine) => { const module = m.line(); allowedGlobal(module, m.line(), m.file); m.refuse('makes an instance'); },
  o: (m: PickleMachine) => m.refuse('makes an instance'),
  '\x92': (m: PickleMachine) => m.refuse('makes an instance with keywords'),
  '\x82': (m: PickleMachine) => m.refuse('uses the extension registry'),
  '\x83': (m: PickleMachine) => m.refuse('uses the extension registry'),
  '\x84': (m: PickleMachine) => m.refuse('uses the extension registry'),
  '\x97': (m: PickleMachine) => m.refuse('uses a buffer outside'),
  '\x98': (m: PickleMachine) => m.refuse('uses a buffer outside'),
  '\x80': (m: PickleMachine) => { const version = m.natural(1); if (version > 5) throw unsupportedPytorch(m.file, `it is of pickle protocol ${version}`); },
  '\x95': (m: PickleMachine) => { m.natural(8); },
  P: (m: PickleMachine) => m.persistent(m.line()),
  Q: (m: PickleMachine) => m.persistent(m.pop()),
}).map(([code, operation]) => [code.charCodeAt(0), operation] as const));
