import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCheckpoint } from '../../../src/checkpoint/checkpoint';
import { nameCheckpoints } from '../../../src/checkpoint/names';
import { toFloat32 } from '../../../src/checkpoint/float-formats';
import { fromFloat32, readHeader, writeSafetensors } from '../../../src/checkpoint/safetensors';
import { blendParameters } from '../../../src/merge/blend-parameters';
import { blendRequest } from '../../../src/merge/blend-request';
import { executeMerge } from '../../../src/merge/execute';
import { plainKernel } from '../../../src/merge/kernels/plain';
import { findMethod } from '../../../src/merge/methods/registry';
import { planMerge, taskOf, type MergePlan } from '../../../src/merge/plan';
import { scheduleMerge } from '../../../src/merge/schedule';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'schedule-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const elements = 2100 * 2100;

/** Two tensors of 64 and 4.4 million elements in bf16: the second is more than one thread takes. */
async function planOf(method: string, { experts: count = 2, parameters = {} }: { readonly experts?: number; readonly parameters?: Readonly<Record<string, unknown>> } = {}): Promise<MergePlan> {
  const opened = [];
  for (let seed = 0; seed <= count; seed++) {
    const file = path.join(root, `${seed}.safetensors`);
    const block = fromFloat32(Float32Array.from({ length: 50_021 }, (_, i) => Math.sin(i) + 0.1 * Math.cos(i * (seed + 1))), 'BF16');
    const data = new Uint8Array(2 * elements).map((_, i) => block[i % block.length]);
    await writeSafetensors(file, [{ name: 'a', dtype: 'BF16', shape: [64], data: data.subarray(0, 128) }, { name: 'b', dtype: 'BF16', shape: [2100, 2100], data }]);
    opened.push(await openCheckpoint(file));
  }
  const [base, ...experts] = nameCheckpoints(opened);
  const found = findMethod(method);
  return planMerge(blendRequest(experts, { method: found, parameters: blendParameters(found, experts.map(({ name }) => name), { parameters }), base, dtype: null, metadata: {} }));
}

test('dot products of a big tensor are taken by ranges, before anything is combined', async () => {
  const { tensors, products, finished } = scheduleMerge(await planOf('model_stock'), 1 << 20);
  expect(tensors.map(({ tensor, share }) => `${tensor.name} ${share?.step ?? 'whole'}`)).toEqual(['b products', 'b products', 'a whole', 'b combine', 'b combine']);
  for (const step of ['products', 'combine']) {
    const ranges = tensors.filter(({ share }) => share?.step === step);
    expect(ranges.map(({ from }) => from)).toEqual([0, ...ranges.slice(0, -1).map(({ to }) => to)]);
    expect(ranges.at(-1)?.to).toBe(elements);
  }
  expect([products.length, finished.length]).toEqual([18, 1]);
});

test.each([['slerp', { experts: 1, parameters: { t: 0.4 } }], ['model_stock', {}]] as const)('%s reports the squares of its inputs, whatever took them', async (method, settings) => {
  const plan = await planOf(method, settings);
  const directory = path.join(root, 'soup');
  mkdirSync(directory);
  const { inputSquares } = await executeMerge({ plan, directory, allowNan: false });
  for (const [input, squares] of inputSquares.entries()) {
    let expected = 0;
    for (const { inputs, elements: count } of plan.files[0].tensors) {
      const source = inputs.find((one) => one.input === input)?.source;
      if (source?.kind !== 'stored') throw new Error(source?.kind);
      const values = toFloat32(new Uint8Array(readFileSync(source.file).subarray(source.position, source.position + 2 * count)), 'BF16');
      expected += values.reduce((sum, value) => sum + value * value, 0);
    }
    expect(Math.abs((squares ?? NaN) - expected)).toBeLessThan(1e-6 * expected);
  }
});

test('what is shared equals the whole tensor, for every number of threads', async () => {
  const plan = await planOf('model_stock');
  const outputs: Buffer[] = [];
  for (const threads of [1, 2, 3, 4]) {
    const directory = path.join(root, `soup-${threads}`);
    mkdirSync(directory);
    await executeMerge({ plan, directory, allowNan: false, threads });
    const file = path.join(directory, 'model.safetensors');
    outputs.push(readFileSync(file).subarray((await readHeader(file)).dataOffset));
  }
  for (const other of outputs.slice(1)) expect(other.equals(outputs[0])).toBe(true);

  const [, tensor] = plan.files[0].tensors;
  const program = findMethod(tensor.method).program(taskOf(tensor, plan.inputs));
  if (program.kind !== 'gram') throw new Error(program.kind);
  const parts = tensor.inputs.map(({ source }) => {
    if (source.kind !== 'stored') throw new Error(source.kind);
    return { dtype: 'BF16' as const, bytes: new Uint8Array(readFileSync(source.file).subarray(source.position, source.position + 2 * elements)) };
  });
  const gram = parts.map(() => new Float64Array(parts.length));
  plainKernel.addProducts(parts, program.origin, gram);
  const expected = new Uint8Array(2 * elements);
  plainKernel.blendChunk(parts, program.weights(gram), { bytes: expected, dtype: 'BF16' });
  expect(Buffer.compare(outputs[0].subarray(tensor.outBegin, tensor.outBegin + expected.length), expected)).toBe(0);
});
