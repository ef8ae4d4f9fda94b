import { taskVectorMethod } from './task-vectors';

/** DELLA (Deep et al. 2024) without the election of signs: rows of each task vector are dropped at random by the rank of their magnitudes. */
export const dellaLinear = taskVectorMethod({ name: 'della_linear', description: 'task vectors dropped at random, small changes more often, then added', pruning: 'magnitude-random', electsSigns: false, normalize: false, rescale: true });
