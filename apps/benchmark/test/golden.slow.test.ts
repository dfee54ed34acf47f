import { fileURLToPath } from 'node:url';
import { createWasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { goldenFolder } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { float32Tolerance, goldenEngines, listGoldens, runGoldenFile } from '../src/golden/command.ts';

const native = findNativeKernels();
/** The other builds and numbers of threads of the default engine: native kernels of every instruction set that is here. */
const builds: Readonly<Record<string, WasmEngineOptions>> = {
  'plain SIMD': { threads: 1, relaxed: false },
  '2 threads': { threads: 2, threadsFrom: 0, relaxed: false },
  '4 threads, relaxed SIMD': { threads: 4, threadsFrom: 0, relaxed: true },
  ...Object.fromEntries(
    (native.kernels ? native.instructionSets : []).flatMap((set) =>
      [1, 2, 4].map((threads) => [
        `${set}, threads: ${threads}`,
        { threads, threadsFrom: 0, native: findNativeKernels(set).kernels },
      ]),
    ),
  ),
};
const engines = [
  ...Object.entries(goldenEngines).filter(([name]) => name === 'reference'),
  ...Object.entries(builds).map(([name, options]) => {
    return [name, { create: () => createWasmEngine(options), tolerance: float32Tolerance }] as const;
  }),
];
const folder = fileURLToPath(goldenFolder);

describe.each(engines)('on engine %s', (_name, { create, tolerance }) => {
  it.each(listGoldens(folder))('%s is reproduced', (name) => {
    const { passed, text } = runGoldenFile(folder, name, create(), tolerance);
    expect(passed, text).toBe(true);
  });
});
