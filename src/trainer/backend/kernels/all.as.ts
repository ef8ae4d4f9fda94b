// AssemblyScript (not TypeScript): everything that `training-kernels.wasm` exports, float32 SIMD kernels on the linear
// memory of tfjs's wasm backend.
//
// The module imports that memory and must neither allocate nor own a data segment: both would overwrite tfjs's heap.
// Callers pass byte addresses of buffers that tfjs allocated. Sizes and strides are counted in floats. No kernel reads
// or writes past its buffers, so no padding is asked for.
export { gatedSilu, gatedSiluGradient, gelu, geluGradient } from './activations.as';
export { adam } from './adam.as';
export { attendCache, attention, attentionGradient, attentionScratchFloats } from './attention.as';
export { exp, tanh } from './exponential.as';
export { gemm, gemmPacked, gemmScratchFloats, packedFloats, packMatrix } from './matrix-product.as';
export { normParametersGradient, normRows, normRowsGradient } from './norms.as';
export { squareSum, sumColumns, sumRows } from './reductions.as';
export { rotate } from './rotate.as';
export { addInto, addRow, addRowsAt, gatherRows } from './rows.as';
export { softmaxParts, tokenLogProbabilitiesGradient } from './softmax.as';
