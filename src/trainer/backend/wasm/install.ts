import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tf } from '../backend';
import { installAdam } from './adam';
import { installDataMovement } from './data-movement';
import { installElementwise } from './elementwise';
import { installFallbacks } from './fallback';
import { loadKernelModule } from './kernel-module';
import { installLanguageKernels } from './language';
import { installMatMul } from './matmul';
import { installReductions } from './reductions';
import { installTranspose } from './transpose';

let installed: Promise<void> | null = null;

/**
 * Replaces the slow, wrong and missing kernels of tfjs's wasm backend, which must be the active one.
 * The first call of a process does it, later ones wait for that.
 */
export function installTrainingKernels(tf: Tf): Promise<void> {
  installed ??= install(tf);
  return installed;
}

async function install(tf: Tf): Promise<void> {
  const module = await loadKernelModule(tf.backend() as BackendWasm);
  installFallbacks(tf);
  installMatMul(tf, module);
  installElementwise(tf, module);
  installReductions(tf, module);
  installDataMovement(tf, module);
  installTranspose(tf);
  installAdam(tf, module);
  installLanguageKernels(tf, module);
}
