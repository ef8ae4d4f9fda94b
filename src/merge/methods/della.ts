import { taskVectorMethod } from './task-vectors';

/** DELLA (Deep et al. 2024): drop at random by the rank of the magnitudes in a row, elect signs, fuse. */
export const della = taskVectorMethod({ name: 'della', description: 'task vectors dropped at random, small changes more often, signs elected', pruning: 'magnitude-random', electsSigns: true, normalize: true, rescale: true });
