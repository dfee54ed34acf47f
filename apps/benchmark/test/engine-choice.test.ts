import { expect, it } from 'vitest';
import { describeChoice } from '../src/engine-choice.ts';

it.each([
  [{}, 'threads by default'],
  [{ threads: 1 }, '1 thread'],
  [{ threads: 2, relaxed: true }, '2 threads, relaxed SIMD'],
  [{ threads: 2, relaxed: false }, '2 threads, SIMD'],
])('says %j as %s', (choice, text) => {
  expect(describeChoice(choice)).toBe(text);
});
