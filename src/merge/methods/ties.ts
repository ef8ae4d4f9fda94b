import { taskVectorMethod } from './task-vectors';

/** TIES (Yadav et al. 2023): trim, elect signs, average what agrees. */
export const ties = taskVectorMethod({ name: 'ties', description: 'task vectors trimmed to their largest magnitudes, signs elected, what agrees averaged', pruning: 'magnitude', electsSigns: true, normalize: true, rescale: false });
