import { taskVectorMethod } from './task-vectors';

/** Task arithmetic (Ilharco et al. 2023): θ₀ + λ Σ wᵢτᵢ. */
export const taskArithmetic = taskVectorMethod({ name: 'task_arithmetic', description: 'base + λ Σ wᵢτᵢ', pruning: 'none', electsSigns: false, normalize: false, rescale: false });
