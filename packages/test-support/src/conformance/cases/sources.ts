import { shapes } from '../trial.ts';
import type { OpCase } from './activations.ts';

export const constant: OpCase = (trial) => {
  for (const { rows, cols } of shapes) {
    trial.check(`[${rows}, ${cols}]`, trial.builder.constant(0.1 * rows - cols, rows, cols));
  }
};

/** Low and high word of the key, low and high word of the step: seeds and steps below and above 2³². */
const counters: readonly (readonly [string, readonly [number, number, number, number]])[] = [
  ['a small seed', [5, 0, 0, 0]],
  ['a seed above 2³²', [0x89abcdef | 0, 0xfedcba98 | 0, 311, 0]],
  ['a step above 2³²', [1, 2, -3, 7]],
];

/** Tolerances are far below 1, so an element that only one engine drops fails. */
export const dropoutMask: OpCase = (trial) => {
  for (const [label, words] of counters) {
    const philox = trial.input({ dtype: 'i32', rows: 4, cols: 1 }, Int32Array.from(words));
    for (const p of [0, 0.05, 0.4]) {
      for (const stream of [0, 1, 3]) {
        for (const { rows, cols } of shapes) {
          const mask = trial.builder.dropoutMask(philox, { rows, cols }, p, stream);
          trial.check(`${label}, p ${p}, stream ${stream}, [${rows}, ${cols}]`, mask);
        }
      }
    }
  }
};
