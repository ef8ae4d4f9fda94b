import type { Tf } from '../backend';
import { installFallbacks } from './fallback';

let installed = false;

/** Installs our kernels on tfjs's wasm backend, which must be the active one. A second call does nothing. */
export async function installTrainingKernels(tf: Tf): Promise<void> {
  if (installed) return;
  installFallbacks(tf);
  installed = true;
}
