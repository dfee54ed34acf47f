import type { Attributes } from '@gru4rec/program';
import type { Kernel } from '../matrix.ts';

function elementWise(f: (x: number, attributes: Attributes) => number): Kernel {
  return (out, [x], attributes) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = f(x.data[i], attributes);
  };
}

export const sigmoid: Kernel = elementWise((x) => 1 / (1 + Math.exp(-x)));
export const tanh: Kernel = elementWise((x) => Math.tanh(x));
export const step: Kernel = elementWise((x) => (x > 0 ? 1 : 0));
export const relu: Kernel = elementWise((x) => Math.max(x, 0));
export const leakyRelu: Kernel = elementWise((x, { alpha }) => (x > 0 ? x : Number(alpha) * x));
export const elu: Kernel = elementWise((x, { alpha }) => (x > 0 ? x : Number(alpha) * Math.expm1(x)));
export const exp: Kernel = elementWise((x) => Math.exp(x));
export const log: Kernel = elementWise((x) => Math.log(x));
export const sqrt: Kernel = elementWise((x) => Math.sqrt(x));
