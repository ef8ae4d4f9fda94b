import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs';
import * as union from '@tensorflow/tfjs';
import { openBackend, type Tf } from '../../src/trainer/backend/backend';
import { startWasmBackend } from '../../src/trainer/backend/doors/wasm';
import { FusedAdam } from '../../src/trainer/backend/fused-adam';
import { weyl } from './numbers';

/** The workload; `torch_engine.py` is the same, with the same numbers. */
const batch = 2048;
const observationSize = 27;
const actionSize = 6;
const layers = [64, 64];
const warmUpSteps = 5;

type Parameters = Record<string, Variable>;

async function open(engine: string): Promise<{ tf: Tf; version: string }> {
  if (engine === 'stock-wasm') {
    union.enableProdMode();
    await startWasmBackend();
    return { tf: union, version: union.version_core };
  }
  const { tf } = await openBackend(engine as 'wasm' | 'cpu' | 'tensorflow');
  return { tf, version: tf.version_core };
}

function makeParameters(tf: Tf): Parameters {
  const parameters: Parameters = {};
  let seed = 1;
  for (const [network, outputs] of [['policy', actionSize], ['value', 1]] as const) {
    const sizes = [observationSize, ...layers, outputs];
    for (let layer = 0; layer + 1 < sizes.length; layer++) {
      const [inputs, width] = [sizes[layer], sizes[layer + 1]];
      parameters[`${network}.${layer}.weight`] = tf.variable(tf.tensor2d(weyl(width * inputs, seed++, 1 / Math.sqrt(inputs)), [width, inputs]));
      parameters[`${network}.${layer}.bias`] = tf.variable(tf.zeros([width]));
    }
  }
  parameters.logStd = tf.variable(tf.zeros([actionSize]));
  return parameters;
}

function mlp(tf: Tf, parameters: Parameters, network: string, input: Tensor): Tensor {
  let x = input;
  for (let layer = 0; layer <= layers.length; layer++) {
    const product = tf.add(tf.matMul(x as never, parameters[`${network}.${layer}.weight`] as never, false, true), parameters[`${network}.${layer}.bias`]);
    x = layer < layers.length ? tf.tanh(product) : product;
  }
  return x;
}

function loss(tf: Tf, parameters: Parameters, data: Record<string, Tensor>): Scalar {
  const z = tf.div(tf.sub(data.actions, mlp(tf, parameters, 'policy', data.observations)), tf.exp(parameters.logStd));
  const logProbability = tf.sub(tf.mul(-0.5, tf.sum(tf.square(z), 1)), tf.sum(parameters.logStd));
  const ratio = tf.exp(tf.sub(logProbability, data.oldLogProbability));
  const policy = tf.neg(tf.mean(tf.minimum(tf.mul(ratio, data.advantages), tf.mul(tf.clipByValue(ratio, 0.8, 1.2), data.advantages))));
  const value = tf.mean(tf.square(tf.sub(tf.reshape(mlp(tf, parameters, 'value', data.observations), [batch]), data.returns)));
  return tf.add(policy, tf.mul(0.5, value)) as Scalar;
}

async function main(engine: string, steps: number): Promise<void> {
  const { tf, version } = await open(engine);
  const parameters = makeParameters(tf);
  const optimizer = new FusedAdam(tf, parameters, { learningRate: 3e-4, epsilon: 1e-5, maxGradientNorm: 0.5 });
  const actions = weyl(batch * actionSize, 102, 1);
  const data = {
    observations: tf.tensor2d(weyl(batch * observationSize, 101, 1), [batch, observationSize]),
    actions: tf.tensor2d(actions, [batch, actionSize]),
    advantages: tf.tensor1d(weyl(batch, 103, 1)),
    returns: tf.tensor1d(weyl(batch, 104, 1)),
    oldLogProbability: tf.tidy(() => tf.mul(-0.5, tf.sum(tf.square(tf.tensor2d(actions, [batch, actionSize])), 1))),
  };
  const wall: number[] = [];
  const cpu: number[] = [];
  let last = NaN;
  for (let step = 0; step < warmUpSteps + steps; step++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    const cost = optimizer.minimize(() => loss(tf, parameters, data), true);
    [last] = await cost.data();
    cost.dispose();
    const { user, system } = process.cpuUsage(used);
    if (step < warmUpSteps) continue;
    wall.push(performance.now() - start);
    cpu.push((user + system) / 1000);
  }
  process.stdout.write(`${JSON.stringify({ version, cpuMs: median(cpu), wallMs: median(wall), loss: last })}\n`);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

void main(process.argv[2], Number(process.argv[3]));
