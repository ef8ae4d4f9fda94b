import util from 'node:util';
import type { OpenBackend, Tf } from '../backend';
import { isNotFound, requireOptional } from '../optional-package';
import { BackendProblem } from '../problems';

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** tfjs-node's own additions to the namespace that we use. */
interface TfNode extends Tf {
  readonly node?: { readonly isUsingGpuDevice?: boolean };
}

/**
 * Opens libtensorflow through tfjs-node-gpu, else tfjs-node.
 * @throws BackendProblem with what each of the two packages said
 */
export async function openTensorflow(): Promise<OpenBackend> {
  defineRemovedNodeFunctions();
  const failures: string[] = [];
  for (const name of packages) {
    try {
      const tf = requireOptional(name) as TfNode;
      tf.enableProdMode();
      if (!(await tf.setBackend('tensorflow'))) throw new Error('its tensorflow backend did not start');
      await tf.ready();
      return { tf, name: 'tensorflow', device: deviceOf(tf, name) };
    } catch (error) {
      failures.push(`${name}: ${isNotFound(error, name) ? 'not installed' : firstLine(error)}`);
    }
  }
  throw new BackendProblem(failures.join('; '), 'run `npm install @tensorflow/tfjs-node-gpu` (or tfjs-node) with install scripts allowed, or set backend: wasm, which needs nothing');
}

/** tfjs-node 4.22 calls two functions that Node.js 23 removed. */
function defineRemovedNodeFunctions(): void {
  const removed = util as unknown as Record<string, unknown>;
  removed.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  removed.isArray ??= Array.isArray;
}

function deviceOf(tf: TfNode, packageName: string): string {
  const backend = tf.backend() as { readonly isUsingGpuDevice?: boolean };
  return `${backend.isUsingGpuDevice ? 'GPU' : 'CPU'} (libtensorflow, ${packageName.replace('@tensorflow/', '')})`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0].trim();
}
