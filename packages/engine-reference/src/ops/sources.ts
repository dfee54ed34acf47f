import { philox4x32 } from '@gru4rec/random';
import type { Kernel } from '../matrix.ts';

export const constant: Kernel = (out, _inputs, { value }) => {
  out.data.fill(Number(value));
};

/** 0 where the element's Philox word < ⌊p · 2³²⌋, else 1 / (1 − p); the counter is the op definition's. */
export const dropoutMask: Kernel = (out, [philox], { p, stream }) => {
  const [keyLow, keyHigh, stepLow, stepHigh] = philox.data;
  const threshold = Math.floor(Number(p) * 2 ** 32);
  const kept = 1 / (1 - Number(p));
  const word3 = Number(stream) * 2 ** 16 + (stepHigh >>> 0);
  const words = new Uint32Array(4);
  for (let element = 0; element < out.data.length; element++) {
    philox4x32(keyLow, keyHigh, Math.floor(element / 4), 0, stepLow, word3, words, 0);
    out.data[element] = words[element % 4] >= threshold ? kept : 0;
  }
};
