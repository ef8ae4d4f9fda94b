// AssemblyScript (not TypeScript): everything that `training-kernels.wasm` exports.
export { adam, exp, gemm, gemmPacked, gemmScratchFloats, packedFloats, packMatrix, squareSum, sumColumns, sumRows, tanh } from './training.as';
export {
  addInto, addRow, addRowsAt, attendCache, attention, attentionGradient, attentionScratchFloats, gatedSilu, gatedSiluGradient, gatherRows, gelu, geluGradient,
  normParametersGradient, normRows, normRowsGradient, rotate, softmaxParts, tokenLogProbabilitiesGradient,
} from './language.as';
