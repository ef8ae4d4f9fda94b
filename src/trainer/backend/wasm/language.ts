import type { TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../backend';
import { languageKernels as names } from '../language-kernels';
import type { KernelModule } from './kernel-module';
import { replaceKernel } from './registry';
import { sizeOf } from './shapes';

interface AttentionAttrs {
  readonly batch: number;
  readonly time: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly scale: number;
}
type Inputs<Name extends string> = Readonly<Record<Name, TensorInfo>>;

/** The kernels of a transformer: a whole norm, activation, rotation, attention or log-softmax in one pass each. */
export function installLanguageKernels(tf: Tf, module: KernelModule): void {
  installNorm(tf, module);
  installActivations(tf, module);
  installRotate(tf, module);
  installAttention(tf, module);
  installTokenLogProbabilities(tf, module);
}

/** LayerNorm, or RMSNorm where there is no bias, over the last axis; also gives means and 1 / deviations, [rows]. */
function installNorm(tf: Tf, { kernels, addressOf }: KernelModule): void {
  replaceKernel<Inputs<'x' | 'weight'> & { readonly bias?: TensorInfo }, { readonly epsilon: number }>(tf, names.norm, ({ inputs: { x, weight, bias }, backend, attrs: { epsilon } }) => {
    const columns = weight.shape[0];
    const rows = sizeOf(x.shape) / columns;
    const y = backend.makeOutput(x.shape, 'float32');
    const [means, rates] = [0, 1].map(() => backend.makeOutput([rows], 'float32'));
    kernels.normRows(addressOf(x), addressOf(weight), bias ? addressOf(bias) : 0, addressOf(y), addressOf(means), addressOf(rates), rows, columns, epsilon);
    return [y, means, rates];
  });
  replaceKernel<Inputs<'x' | 'weight' | 'dy' | 'means' | 'rates'>, { readonly isCentred: boolean }>(tf, names.normGradient, ({ inputs: { x, weight, dy, means, rates }, backend, attrs: { isCentred } }) => {
    const dx = backend.makeOutput(x.shape, 'float32');
    const columns = weight.shape[0];
    kernels.normRowsGradient(addressOf(x), addressOf(weight), addressOf(dy), addressOf(means), addressOf(rates), addressOf(dx), sizeOf(x.shape) / columns, columns, isCentred);
    return dx;
  });
  replaceKernel<Inputs<'x' | 'dy' | 'means' | 'rates'>, { readonly isCentred: boolean; readonly columns: number }>(tf, names.normParametersGradient, ({ inputs: { x, dy, means, rates }, backend, attrs: { isCentred, columns } }) => {
    const outputs = (isCentred ? [0, 1] : [0]).map(() => backend.makeOutput([columns], 'float32'));
    kernels.normParametersGradient(addressOf(x), addressOf(dy), addressOf(means), addressOf(rates), addressOf(outputs[0]), outputs[1] ? addressOf(outputs[1]) : 0, sizeOf(x.shape) / columns, columns);
    return outputs;
  });
}

function installActivations(tf: Tf, { kernels, addressOf }: KernelModule): void {
  replaceKernel<Inputs<'x'>, object>(tf, names.gelu, ({ inputs: { x }, backend }) => {
    const y = backend.makeOutput(x.shape, 'float32');
    kernels.gelu(addressOf(x), addressOf(y), sizeOf(x.shape));
    return y;
  });
  replaceKernel<Inputs<'x' | 'dy'>, object>(tf, names.geluGradient, ({ inputs: { x, dy }, backend }) => {
    const dx = backend.makeOutput(x.shape, 'float32');
    kernels.geluGradient(addressOf(x), addressOf(dy), addressOf(dx), sizeOf(x.shape));
    return dx;
  });
  replaceKernel<Inputs<'gate' | 'up'>, object>(tf, names.gatedSilu, ({ inputs: { gate, up }, backend }) => {
    const y = backend.makeOutput(up.shape, 'float32');
    kernels.gatedSilu(addressOf(gate), addressOf(up), addressOf(y), sizeOf(up.shape));
    return y;
  });
  replaceKernel<Inputs<'gate' | 'up' | 'dy'>, object>(tf, names.gatedSiluGradient, ({ inputs: { gate, up, dy }, backend }) => {
    const [dGate, dUp] = [gate, up].map(({ shape }) => backend.makeOutput(shape, 'float32'));
    kernels.gatedSiluGradient(addressOf(gate), addressOf(up), addressOf(dy), addressOf(dGate), addressOf(dUp), sizeOf(up.shape));
    return [dGate, dUp];
  });
}

function installRotate(tf: Tf, { kernels, addressOf }: KernelModule): void {
  replaceKernel<Inputs<'x' | 'cos' | 'sin'>, { readonly heads: number; readonly direction: number }>(tf, names.rotate, ({ inputs: { x, cos, sin }, backend, attrs: { heads, direction } }) => {
    const y = backend.makeOutput(x.shape, 'float32');
    kernels.rotate(addressOf(x), addressOf(cos), addressOf(sin), addressOf(y), x.shape[0], heads, cos.shape[1], direction);
    return y;
  });
}

/** Gives the mixed values and the attention's weights [batch, heads, time, time]. */
function installAttention(tf: Tf, { kernels, addressOf, scratch }: KernelModule): void {
  replaceKernel<Inputs<'query' | 'key' | 'value' | 'mask'>, AttentionAttrs>(tf, names.attention, ({ inputs: { query, key, value, mask }, backend, attrs }) => {
    const { batch, time, heads, keyValueHeads, headSize, scale } = attrs;
    const y = backend.makeOutput(query.shape, 'float32');
    const weights = backend.makeOutput([batch, heads, time, time], 'float32');
    const work = scratch(4 * kernels.attentionScratchFloats(time, headSize));
    kernels.attention(addressOf(query), addressOf(key), addressOf(value), addressOf(mask), addressOf(y), addressOf(weights), batch, time, heads, keyValueHeads, headSize, scale, work);
    return [y, weights];
  });
  replaceKernel<Inputs<'query' | 'key' | 'value' | 'weights' | 'dy'>, AttentionAttrs>(tf, names.attentionGradient, ({ inputs: { query, key, value, weights, dy }, backend, attrs }) => {
    const { batch, time, heads, keyValueHeads, headSize, scale } = attrs;
    const outputs = [query, key, value].map(({ shape }) => backend.makeOutput(shape, 'float32'));
    const [dq, dk, dv] = outputs.map(addressOf);
    const work = scratch(4 * kernels.attentionScratchFloats(time, headSize));
    kernels.attentionGradient(addressOf(query), addressOf(key), addressOf(value), addressOf(weights), addressOf(dy), dq, dk, dv, batch, time, heads, keyValueHeads, headSize, scale, work);
    return outputs;
  });
}

/** Gives log softmax(logits)[token] and log Σ e^logits by row. */
function installTokenLogProbabilities(tf: Tf, { kernels, addressOf, scratch }: KernelModule): void {
  replaceKernel<Inputs<'logits' | 'tokens'>, object>(tf, names.tokenLogProbabilities, ({ inputs: { logits, tokens }, backend }) => {
    const [rows, columns] = logits.shape;
    const outputs = [0, 1].map(() => backend.makeOutput([rows], 'float32'));
    // maxima and sums stand where the results will: the exponentials are not needed
    kernels.softmaxParts(addressOf(logits), scratch(4 * rows * columns), addressOf(outputs[0]), addressOf(outputs[1]), rows, columns);
    const [results, logSums, x, chosen] = [...outputs, logits, tokens].map((tensor) => backend.typedArrayFromHeap(tensor));
    for (let row = 0; row < rows; row++) {
      logSums[row] = results[row] + Math.log(logSums[row]);
      results[row] = x[row * columns + chosen[row]] - logSums[row];
    }
    return outputs;
  });
  replaceKernel<Inputs<'logits' | 'tokens' | 'logSums' | 'dy'>, object>(tf, names.tokenLogProbabilitiesGradient, ({ inputs: { logits, tokens, logSums, dy }, backend }) => {
    const dx = backend.makeOutput(logits.shape, 'float32');
    kernels.tokenLogProbabilitiesGradient(addressOf(logits), addressOf(tokens), addressOf(logSums), addressOf(dy), addressOf(dx), logits.shape[0], logits.shape[1]);
    return dx;
  });
}
