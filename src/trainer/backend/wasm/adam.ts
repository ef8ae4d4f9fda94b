import type { TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../backend';
import type { AdamStep } from '../fused-adam';
import { adamKernelName, squareSumKernelName } from '../fused-adam';
import type { KernelModule } from './kernel-module';
import { replaceKernel } from './registry';
import { sizeOf } from './shapes';

interface Inputs {
  readonly parameter: TensorInfo;
  readonly gradient: TensorInfo;
  readonly firstMoment: TensorInfo;
  readonly secondMoment: TensorInfo;
}

/** The kernels behind `FusedAdam`: one pass over a parameter instead of fourteen ops, and the sum of squares for clipping. */
export function installAdam(tf: Tf, { kernels, addressOf }: KernelModule): void {
  replaceKernel<Inputs, AdamStep>(tf, adamKernelName, ({ inputs: { parameter, gradient, firstMoment, secondMoment }, backend, attrs: step }) => {
    const outputs = [parameter, firstMoment, secondMoment].map(({ shape }) => backend.makeOutput(shape, 'float32'));
    const [newParameter, newFirst, newSecond] = outputs.map(addressOf);
    kernels.adam(
      addressOf(parameter), addressOf(gradient), addressOf(firstMoment), addressOf(secondMoment),
      newParameter, newFirst, newSecond, sizeOf(parameter.shape),
      step.learningRate, step.beta1, 1 - step.beta1, step.beta2, 1 - step.beta2,
      step.epsilon, step.biasCorrection1, step.biasCorrection2, step.gradientScale,
    );
    return outputs;
  });
  replaceKernel<{ readonly x: TensorInfo }, object>(tf, squareSumKernelName, ({ inputs: { x }, backend }) => {
    const out = backend.makeOutput([], 'float32');
    backend.typedArrayFromHeap(out)[0] = kernels.squareSum(addressOf(x), sizeOf(x.shape));
    return out;
  });
}
