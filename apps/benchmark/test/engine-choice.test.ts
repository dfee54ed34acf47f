import { describe, expect, it } from 'vitest';
import { createChosenEngine, describeChoice } from '../src/engine-choice.ts';

describe('createChosenEngine', () => {
  it('passes chosen options to the engine, and leaves it the others', () => {
    expect(createChosenEngine({}).name).toBe('wasm');
    expect(createChosenEngine({ threads: 1, relaxed: false }).name).toBe('wasm');
  });
});

describe('describeChoice', () => {
  it.each([
    [{}, 'threads by default'],
    [{ threads: 1 }, '1 thread'],
    [{ threads: 2, relaxed: true }, '2 threads, relaxed SIMD'],
    [{ threads: 2, relaxed: false }, '2 threads, SIMD'],
  ])('says %j as %s', (choice, text) => {
    expect(describeChoice(choice)).toBe(text);
  });
});
