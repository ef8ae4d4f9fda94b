import type { KernelExports } from '../../../backend/wasm/kernel-module';
import { biasName, weightName, type Architecture, type Layer, type Linear, type Norm } from '../../../../architecture/architecture';
import { rotationTables } from '../ops/rotate';
import { activateInPlace } from './activation';
import type { Arena } from './arena';
import type { Step } from './decoder';

/** As in the training kernels: 256 rows of eight columns fill a quarter of a first-level cache. */
export const depthBlock = 256;
/** under which the packed embedding stands that serves as the head */
export const tiedHead = 'tied head';

export interface Machine {
  readonly architecture: Architecture;
  readonly kernels: KernelExports;
  readonly arena: Arena;
  /** where each tensor lies; linear weights packed */
  readonly addresses: ReadonlyMap<string, number>;
}

/** Rows of equal width, `stride` floats apart. */
interface Rows {
  readonly address: number;
  readonly stride: number;
}

/** One forward pass; returns the address of the logits [wanted, vocabulary]. See `Decoder.run`. */
export function runDecoder(machine: Machine, steps: readonly Step[], wanted: readonly number[]): number {
  const { architecture, kernels, arena } = machine;
  const { hiddenSize, layers, vocabularySize, finalNorm, head } = architecture;
  const positions = steps.map(({ cache }) => cache.length++);
  const pass = new Pass(machine, steps, positions);
  const x = pass.embed();
  layers.forEach((layer, index) => pass.layer(layer, index, x));
  const last = arena.floats(wanted.length * hiddenSize);
  const logits = arena.floats(wanted.length * vocabularySize);
  const heap = new Float32Array(arena.memory.buffer);
  wanted.forEach((step, row) => heap.copyWithin(last / 4 + row * hiddenSize, x / 4 + step * hiddenSize, x / 4 + (step + 1) * hiddenSize));
  pass.norm(finalNorm, last, last, wanted.length);
  const packed = machine.addresses.get(head ? weightName(head) : tiedHead)!;
  kernels.gemmPacked(last, packed, logits, wanted.length, vocabularySize, hiddenSize, pass.scratch, depthBlock);
  return logits;
}

class Pass {
  readonly scratch: number;
  private readonly rows: number;
  private readonly normal: number;
  private readonly projected: readonly number[];
  private readonly mixed: number;
  private readonly scores: number;
  private readonly wide: number;
  private readonly gate: number;
  private readonly change: number;
  private readonly statistics: number;
  private readonly rotation: { readonly cos: number; readonly sin: number } | null;

  constructor(private readonly machine: Machine, private readonly steps: readonly Step[], private readonly positions: readonly number[]) {
    const { architecture: { hiddenSize, heads, headSize, layers, rope }, kernels, arena } = machine;
    const rows = steps.length;
    const { queryKeyValue, up } = layers[0]!;
    this.rows = rows;
    this.scratch = arena.floats(kernels.gemmScratchFloats(0, depthBlock));
    this.normal = arena.floats(rows * hiddenSize);
    this.projected = queryKeyValue.map(({ outputs }) => arena.floats(rows * outputs));
    this.mixed = arena.floats(rows * heads * headSize);
    this.scores = arena.floats(Math.max(...positions) + 1);
    this.wide = arena.floats(rows * up.outputs);
    this.gate = arena.floats(rows * up.outputs);
    this.change = arena.floats(rows * hiddenSize);
    this.statistics = arena.floats(2 * rows * heads);
    this.rotation = rope && this.place(rotationTables(rope, positions));
  }

  private place({ cos, sin }: { readonly cos: Float32Array; readonly sin: Float32Array }): { readonly cos: number; readonly sin: number } {
    const { arena } = this.machine;
    const addresses = { cos: arena.floats(cos.length), sin: arena.floats(sin.length) };
    arena.view(addresses.cos, cos.length).set(cos);
    arena.view(addresses.sin, sin.length).set(sin);
    return addresses;
  }

  /** Token embeddings, with learned positions where the model has them; address of [rows, hidden]. */
  embed(): number {
    const { architecture: { hiddenSize, embedding, positions: learned }, arena, addresses, kernels } = this.machine;
    const x = arena.floats(this.rows * hiddenSize);
    const heap = new Float32Array(arena.memory.buffer);
    const table = addresses.get(embedding)! / 4;
    this.steps.forEach(({ token }, row) => heap.copyWithin(x / 4 + row * hiddenSize, table + token * hiddenSize, table + (token + 1) * hiddenSize));
    if (learned) this.positions.forEach((position, row) => kernels.addInto(addresses.get(learned)! + 4 * position * hiddenSize, x + 4 * row * hiddenSize, hiddenSize));
    return x;
  }

  /** One layer on the residual stream x [rows, hidden], in place. */
  layer(layer: Layer, index: number, x: number): void {
    const { kernels, architecture: { hiddenSize, activation }, arena } = this.machine;
    const { rows, normal, wide, gate, change } = this;
    this.norm(layer.attentionNorm, x, normal, rows);
    this.attention(layer, index);
    this.linear(layer.attentionOutput, this.mixed, change);
    kernels.addInto(change, x, rows * hiddenSize);
    this.norm(layer.mlpNorm, x, normal, rows);
    this.linear(layer.up, normal, wide);
    if (layer.gate) this.linear(layer.gate, normal, gate);
    activateInPlace(kernels, arena, activation, wide, layer.gate ? gate : null, rows * layer.up.outputs);
    this.linear(layer.down, wide, change);
    kernels.addInto(change, x, rows * hiddenSize);
  }

  norm(norm: Norm, x: number, y: number, rows: number): void {
    const { kernels, addresses } = this.machine;
    const bias = norm.kind === 'layer' ? addresses.get(biasName(norm))! : 0;
    kernels.normRows(x, addresses.get(weightName(norm))!, bias, y, this.statistics, this.statistics + 4 * rows, rows, norm.size, norm.epsilon);
  }

  private linear(linear: Linear, x: number, y: number): void {
    const { kernels, addresses } = this.machine;
    kernels.gemmPacked(x, addresses.get(weightName(linear))!, y, this.rows, linear.outputs, linear.inputs, this.scratch, depthBlock);
    if (linear.hasBias) kernels.addRow(addresses.get(biasName(linear))!, y, this.rows, linear.outputs);
  }

  /** Queries of the rows over their own sequence's cache, which the rows' keys and values join first; into `mixed`. */
  private attention(layer: Layer, index: number): void {
    const { kernels, arena, architecture: { heads, keyValueHeads, headSize } } = this.machine;
    layer.queryKeyValue.forEach((linear, i) => this.linear(linear, this.normal, this.projected[i]!));
    const [query, key, value] = this.queryKeyValue();
    this.turn(layer.queryNorm, query!, heads);
    this.turn(layer.keyNorm, key!, keyValueHeads);
    const width = keyValueHeads * headSize;
    const heap = new Float32Array(arena.memory.buffer);
    this.steps.forEach(({ cache }, row) => {
      const keys = cache.address + 4 * (2 * index * cache.capacity * width);
      const values = keys + 4 * cache.capacity * width;
      const position = this.positions[row]!;
      for (const [source, cached] of [[key!, keys], [value!, values]] as const) {
        const from = source.address / 4 + row * source.stride;
        heap.copyWithin(cached / 4 + position * width, from, from + width);
      }
      kernels.attendCache(query!.address + 4 * row * query!.stride, keys, values, this.mixed + 4 * row * heads * headSize, this.scores, position + 1, heads, keyValueHeads, headSize, layer.attentionScale);
    });
  }

  /** Where query, key and value of the rows lie: side by side, or in three places. */
  private queryKeyValue(): Rows[] {
    const { heads, keyValueHeads, headSize } = this.machine.architecture;
    const widths = [heads, keyValueHeads, keyValueHeads].map((count) => count * headSize);
    if (this.projected.length === 3) return this.projected.map((address, i) => ({ address, stride: widths[i]! }));
    const stride = widths.reduce((sum, width) => sum + width);
    return [0, widths[0]!, widths[0]! + widths[1]!].map((offset) => ({ address: this.projected[0]! + 4 * offset, stride }));
  }

  /** QK norm and rotation by head, in place; families that have either keep query and key in places of their own. */
  private turn(norm: Norm | null, { address }: Rows, heads: number): void {
    const { kernels, architecture: { headSize } } = this.machine;
    if (norm) this.norm(norm, address, address, this.rows * heads);
    if (this.rotation) kernels.rotate(address, this.rotation.cos, this.rotation.sin, address, this.rows, heads, headSize / 2, 1);
  }
}
