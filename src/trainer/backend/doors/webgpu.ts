import * as tf from '@tensorflow/tfjs';
import type { DoorOptions, OpenBackend } from '../backend';
import { PackageNotInstalled, requireOptional } from '../optional-package';
import { BackendProblem } from '../problems';

interface Adapter {
  readonly isFallbackAdapter?: boolean;
  readonly info?: { readonly vendor?: string; readonly architecture?: string; readonly device?: string; readonly description?: string; readonly isFallbackAdapter?: boolean };
}
interface Gpu {
  requestAdapter(options?: { powerPreference?: string }): Promise<Adapter | null>;
}
/** npm's `webgpu`: Dawn for Node. */
interface DawnPackage {
  create(flags: readonly string[]): Gpu;
  /** the classes and constants that a browser has as globals: GPUBufferUsage and the like */
  readonly globals: Readonly<Record<string, unknown>>;
}

const install = 'run `npm install webgpu @tensorflow/tfjs-backend-webgpu`, or set backend: wasm, which needs nothing';

/**
 * Opens tfjs's WebGPU backend on Dawn's Node binding (any vendor's GPU; neither package is a dependency).
 * Dawn keeps its threads, so a process that opened it must end with `process.exit`.
 * @throws BackendProblem when a package or an adapter is missing, or `auto` would get a software adapter
 */
export async function openWebgpu({ isAutomatic }: DoorOptions): Promise<OpenBackend> {
  const dawn = load<DawnPackage>('webgpu');
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new BackendProblem('Dawn finds no WebGPU adapter', 'install a Vulkan, Metal or D3D12 driver for the GPU, or set backend: wasm');
  if (isAutomatic && isSoftware(adapter)) throw new BackendProblem(`the only WebGPU adapter is software (${describe(adapter)})`, 'set backend: wasm, which is far faster');
  // the tfjs backend expects a browser
  Object.assign(globalThis, dawn.globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  // before the backend comes with a copy of tfjs-core, which warns of everything that is registered twice
  tf.enableProdMode();
  load('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new BackendProblem('tfjs could not start its webgpu backend', 'look at the messages above; `soup doctor` repeats the probe');
  await tf.ready();
  return { tf, name: 'webgpu', device: `${describe(adapter)} (WebGPU, Dawn)`, isSoftware: isSoftware(adapter) };
}

function load<T>(name: string): T {
  try {
    return requireOptional(name) as T;
  } catch (error) {
    if (error instanceof PackageNotInstalled) throw new BackendProblem(`the package ${name} is not installed`, install, { cause: error });
    throw error;
  }
}

function isSoftware({ isFallbackAdapter, info }: Adapter): boolean {
  return Boolean(isFallbackAdapter ?? info?.isFallbackAdapter) || /swiftshader|llvmpipe|lavapipe/i.test(`${info?.architecture} ${info?.description} ${info?.device}`);
}

function describe({ info }: Adapter): string {
  return info?.description || [info?.vendor, info?.architecture, info?.device].filter(Boolean).join(' ') || 'GPU';
}
