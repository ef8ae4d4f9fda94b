import * as tf from '@tensorflow/tfjs';
import type { OpenBackend } from '../backend';

/** Opens tfjs's plain JavaScript backend: the reference that the other backends are tested against. */
export async function openCpu(): Promise<OpenBackend> {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  return { tf, name: 'cpu', device: 'cpu (plain JavaScript, 1 thread)' };
}
