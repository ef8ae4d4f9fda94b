// AssemblyScript (not TypeScript): everything that merge-kernels.wasm exports.
export { blendBF16, decodeBF16, encodeBF16, measureBF16 } from './bf16.as';
export { blendF16, decodeF16, encodeF16, measureF16 } from './f16.as';
export { blendF32, subtract } from './f32.as';
export { addGram } from './gram.as';
export { addLowRank } from './low-rank.as';
export { chooseMarked, divergence, scaledDistance } from './divergence.as';
export { addChanges, addElectedMean, countShared, keepMarked, squareSum, swapNear, variances } from './disagreement.as';
export { measureF32 } from './measure.as';
export { addProducts, blendAroundFirst } from './products.as';
export { dropByRank } from './rank-draws.as';
export { absoluteSum, addTaskVectors, countUpperKeys, dropOut, selectKeys, trim } from './task-vectors.as';

/** First byte of memory that the module does not use itself. */
export function freeFrom(): usize {
  return __heap_base;
}
