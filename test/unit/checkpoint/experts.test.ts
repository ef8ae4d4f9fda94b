import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareCheckpoints } from '../../../src/checkpoint/compare';
import { openExperts } from '../../../src/checkpoint/experts';
import { openCheckpoint } from '../../../src/checkpoint/checkpoint';
import { readTensorBytes, readHeader, writeSafetensors } from '../../../src/checkpoint/safetensors';

const text = path.join(__dirname, '../../fixtures/text');
const base = path.join(text, 'models', 'llama3');
const adapter = path.join(text, 'adapters', 'llama3');

async function numbers(name: string): Promise<Float32Array> {
  const file = path.join(adapter, 'adapter_model.safetensors');
  const bytes = await readTensorBytes(file, await readHeader(file), name);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

test('an adapter stands beside a whole model, as the base with it applied and under the name given', async () => {
  const opened = await openExperts(base, { brief: adapter, plain: base });
  const { norms, pairs } = await compareCheckpoints(opened.experts, opened.base);
  // by hand: ‖scale · B A‖ over the modules; rank 2, alpha 5, but alpha 9 for v_proj and rank 3 for down_proj
  const names = [...(await openCheckpoint(adapter)).tensors.keys()].filter((name) => name.endsWith('lora_A.weight'));
  let squares = 0;
  for (const name of names) {
    const [a, b] = await Promise.all([numbers(name), numbers(name.replace('lora_A', 'lora_B'))]);
    const rank = name.includes('down_proj') ? 3 : 2;
    const scale = (name.includes('v_proj') ? 9 : 5) / rank;
    const [inputs, outputs] = [a.length / rank, b.length / rank];
    for (let out = 0; out < outputs; out++) {
      for (let i = 0; i < inputs; i++) {
        let delta = 0;
        for (let k = 0; k < rank; k++) delta += scale * b[out * rank + k] * a[k * inputs + i];
        squares += delta ** 2;
      }
    }
  }
  expect(norms.brief / Math.sqrt(squares)).toBeCloseTo(1, 4);
  expect(norms.plain).toBe(0);
  expect(pairs).toEqual([{ a: 'brief', b: 'plain', cosine: null, signConflict: null }]);
});

test('value functions and observation statistics are left out: they do not act', async () => {
  const policy = await mkdtemp(path.join(tmpdir(), 'experts-'));
  try {
    const tensors = ['policy.0.weight', 'value.0.weight', 'observation.mean', 'value_head.bias'].map((name) => ({ name, dtype: 'F32' as const, shape: [1], data: new Uint8Array(4) }));
    await writeSafetensors(path.join(policy, 'model.safetensors'), tensors, {});
    const opened = await openExperts(policy, { a: policy });
    for (const { tensors: left } of [opened.base, ...opened.experts]) expect([...left.keys()]).toEqual(['policy.0.weight']);
  } finally {
    await rm(policy, { recursive: true });
  }
});
