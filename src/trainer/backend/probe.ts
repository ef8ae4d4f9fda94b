import type { ConcreteBackendName, Tf } from './backend';
import { automaticOrder, doors } from './backend';
import { asBackendProblem } from './problems';

interface WorkingBackend {
  readonly name: ConcreteBackendName;
  readonly works: true;
  readonly device: string;
  /** median milliseconds of tanh(x · w), x [1024, 64], with both gradients */
  readonly milliseconds: number;
  /** whether `auto` may take it: neither the reference backend nor a GPU emulated in software */
  readonly suitsAuto: boolean;
}

interface BrokenBackend {
  readonly name: ConcreteBackendName;
  readonly works: false;
  readonly reason: string;
  readonly advice: string;
}

/** What `soup doctor` learns of one backend by opening it and training a moment with it. */
export type BackendProbe = WorkingBackend | BrokenBackend;

const repeats = 7;
/** Rows × width of the timed product: a minibatch of 1024 through a 64-wide layer. */
const rows = 1024;
const width = 64;

/** Every backend, best first. */
export const backendOrder: readonly ConcreteBackendName[] = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

/**
 * Opens one backend and times tanh(x·w) and its gradients. The backend stays the active one, so a process that probes
 * a native backend should do nothing else.
 */
export async function probeBackend(name: ConcreteBackendName): Promise<BackendProbe> {
  try {
    const { tf, device, isSoftware } = await doors[name]({ isAutomatic: false });
    return { name, works: true, device, milliseconds: await timeGradient(tf), suitsAuto: automaticOrder.includes(name) && !isSoftware };
  } catch (error) {
    const { reason, advice } = asBackendProblem(error);
    return { name, works: false, reason, advice };
  }
}

/** Probes every backend in turn, best first, in this process. */
export async function probeBackends(): Promise<BackendProbe[]> {
  const probes: BackendProbe[] = [];
  for (const name of backendOrder) probes.push(await probeBackend(name));
  return probes;
}

async function timeGradient(tf: Tf): Promise<number> {
  const x = tf.fill([rows, width], 0.01);
  const weight = tf.fill([width, width], 0.02);
  const gradient = tf.grads((a, b) => tf.sum(tf.tanh(tf.matMul(a, b))));
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = performance.now();
    const results = gradient([x, weight]);
    // waits for the device: GPU backends return before they have computed
    const [, weightGradient] = await Promise.all(results.map((result) => result.data()));
    times.push(performance.now() - start);
    if (!(weightGradient[0] > 0)) throw new Error(`a gradient came out as ${weightGradient[0]}, expected a positive number`);
    tf.dispose(results);
  }
  tf.dispose([x, weight]);
  return times.sort((a, b) => a - b)[repeats >> 1];
}
