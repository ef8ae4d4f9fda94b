import * as ownTf from '@tensorflow/tfjs';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import util from 'node:util';
import type { OpenBackend, Tf } from '../backend';
import { findOptional, PackageNotInstalled, requireOptional } from '../optional-package';
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
  // tfjs-node brings a copy of tfjs that registers every kernel again; without this, each registration prints a warning
  ownTf.enableProdMode();
  const failures: string[] = [];
  for (const name of packages) {
    try {
      assertAddonIsBuilt(name);
      const tf = requireOptional(name) as TfNode;
      tf.enableProdMode();
      if (!(await tf.setBackend('tensorflow'))) throw new Error('its tensorflow backend did not start');
      await tf.ready();
      return { tf, name: 'tensorflow', device: deviceOf(tf, name) };
    } catch (error) {
      failures.push(`${name}: ${error instanceof PackageNotInstalled ? 'not installed' : firstLine(error)}`);
    }
  }
  throw new BackendProblem(failures.join('; '), 'install @tensorflow/tfjs-node-gpu (or tfjs-node, for a CPU) with its install script allowed, which fetches libtensorflow; or set backend: wasm, which needs nothing');
}

/**
 * Where install scripts are off, the JavaScript of tfjs-node is installed without its native part. Loading it then
 * fails only after it has put its own kernels in the place of ours, so that is looked at first.
 */
function assertAddonIsBuilt(name: string): void {
  const library = path.join(path.dirname(findOptional(`${name}/package.json`)), 'lib');
  const isBuilt = existsSync(library) && readdirSync(library).some((abi) => existsSync(path.join(library, abi, 'tfjs_binding.node')));
  if (!isBuilt) throw new Error('installed without its native part (tfjs_binding.node)');
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
