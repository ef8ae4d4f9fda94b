import { taskVectorMethod } from './task-vectors';

/** DARE (Yu et al. 2023) followed by the election of signs of TIES. */
export const dareTies = taskVectorMethod({ name: 'dare_ties', description: 'task vectors dropped at random and rescaled, signs elected', pruning: 'random', electsSigns: true, normalize: false, rescale: true });
