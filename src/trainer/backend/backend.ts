import type * as tfjs from '@tensorflow/tfjs';
import type { BackendName } from '../../experiment/schema';
import { backendUnavailable, BackendProblem } from './problems';
import { openCpu } from './doors/cpu';
import { openTensorflow } from './doors/tensorflow';
import { openWasm } from './doors/wasm';
import { openWebgpu } from './doors/webgpu';

export { probeBackend, probeBackends, type BackendProbe } from './probe';

/** The TensorFlow.js namespace: the union package, or tfjs-node's superset of it. */
export type Tf = typeof tfjs;
/** A backend that really computes, as opposed to `auto`. */
export type ConcreteBackendName = Exclude<BackendName, 'auto'>;

/** A backend that is ready: made active, gradients registered, our kernels installed where they serve. */
export interface OpenBackend {
  /** Use this namespace for every op: another copy of tfjs may not know the backend. */
  readonly tf: Tf;
  readonly name: ConcreteBackendName;
  /** What computes, in words for run.json and the run tree: "wasm SIMD (own kernels)". */
  readonly device: string;
  /** A GPU backend whose "GPU" is a program on the CPU: right, but slower than wasm. */
  readonly isSoftware?: boolean;
}

/** What a door needs to know about why it is being opened. */
export interface DoorOptions {
  /** `auto` wants a backend that is faster than wasm: a software GPU is refused then. */
  readonly isAutomatic: boolean;
}

/** One entry a backend; a door throws `BackendProblem` when it cannot be opened here. */
export const doors: Readonly<Record<ConcreteBackendName, (options: DoorOptions) => Promise<OpenBackend>>> = {
  tensorflow: openTensorflow,
  webgpu: openWebgpu,
  wasm: openWasm,
  cpu: openCpu,
};

/** What `auto` tries, best first. `cpu` is not among them: it is some ten times slower than wasm and meant for tests. */
export const automaticOrder: readonly ConcreteBackendName[] = ['tensorflow', 'webgpu', 'wasm'];

/**
 * Opens a backend and makes it the active one of this process.
 * `auto` takes the first that works of tensorflow (GPU, then CPU), webgpu and wasm; which one it was stands in the
 * result, and results of different backends agree only to rounding, so a run that must repeat exactly names its backend.
 * A named backend is never replaced by another.
 * @throws SoupError BackendUnavailableError: why it does not work here and what to do
 */
export async function openBackend(name: BackendName): Promise<OpenBackend> {
  if (name !== 'auto') return open(name, { isAutomatic: false });
  const failures: string[] = [];
  for (const candidate of automaticOrder) {
    try {
      return await open(candidate, { isAutomatic: true });
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw backendUnavailable('auto', new BackendProblem(failures.join('; '), 'run `soup doctor` to see what each backend needs'));
}

async function open(name: ConcreteBackendName, options: DoorOptions): Promise<OpenBackend> {
  try {
    return await doors[name](options);
  } catch (error) {
    throw backendUnavailable(name, error);
  }
}
