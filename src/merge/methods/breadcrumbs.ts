import { taskVectorMethod } from './task-vectors';

/** Model Breadcrumbs (Davari & Belilovsky 2023): θ₀ + λ Σ wᵢ·mask(τᵢ) without outliers and without small changes. */
export const breadcrumbs = taskVectorMethod({ name: 'breadcrumbs', description: 'task vectors without their largest and smallest magnitudes, then added', pruning: 'outliers', electsSigns: false, normalize: false, rescale: false });
