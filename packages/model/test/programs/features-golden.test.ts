import { createWasmEngine } from '@gru4rec/engine-wasm';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { describe, expect, it } from 'vitest';
import { differences, names } from './features-golden.ts';

describe('recorded runs with features of items and of clicks', () => {
  it.each(names)('are reproduced by the reference and wasm engines: %s', (name) => {
    const reference = differences(name, createReferenceEngine());
    expect(reference.loss).toBeLessThan(1e-9);
    expect(reference.parameters).toBeLessThan(1e-8);
    const wasm = differences(name, createWasmEngine({ threads: 1 }));
    expect(wasm.loss).toBeLessThan(2e-5);
    expect(wasm.parameters).toBeLessThan(2e-4);
  });
});
