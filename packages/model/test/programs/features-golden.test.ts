import { describe, expect, it } from 'vitest';
import { engine, reference } from '../tiny-data.ts';
import { differences, names } from './features-golden.ts';

describe('recorded runs with features of items and of clicks', () => {
  it.each(names)('are reproduced by the reference and wasm engines: %s', (name) => {
    const exact = differences(name, reference);
    expect(exact.loss).toBeLessThan(1e-9);
    expect(exact.parameters).toBeLessThan(1e-8);
    const wasm = differences(name, engine);
    expect(wasm.loss).toBeLessThan(2e-5);
    expect(wasm.parameters).toBeLessThan(2e-4);
  });
});
