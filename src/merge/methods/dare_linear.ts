import { taskVectorMethod } from './task-vectors';

/** DARE (Yu et al. 2023): drop at random, rescale, add. As in mergekit the L1 norm is restored, where the paper divides by the density; the two agree in expectation. */
export const dareLinear = taskVectorMethod({ name: 'dare_linear', description: 'task vectors dropped at random and rescaled, then added', pruning: 'random', electsSigns: false, normalize: false, rescale: true });
