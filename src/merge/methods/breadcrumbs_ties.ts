import { taskVectorMethod } from './task-vectors';

/** Model Breadcrumbs (Davari & Belilovsky 2023) followed by the election of signs of TIES. */
export const breadcrumbsTies = taskVectorMethod({ name: 'breadcrumbs_ties', description: 'task vectors without their largest and smallest magnitudes, signs elected', pruning: 'outliers', electsSigns: true, normalize: false, rescale: false });
