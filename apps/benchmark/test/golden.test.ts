import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { goldenFolder, readEvents, readGolden, type SessionTable } from '@gru4rec/test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  float32Tolerance,
  type GoldenEngine,
  goldenEngines,
  listGoldens,
  runGoldenCommand,
} from '../src/golden/command.ts';
import { runGolden } from '../src/golden/run-golden.ts';

const at = (file: string): URL => new URL(file, goldenFolder);
const names = listGoldens(fileURLToPath(goldenFolder));
const train: SessionTable = readEvents(at('events.tsv'));
const test: SessionTable = readEvents(at('test-events.tsv'), { itemIds: train.itemIds });

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
const engines: [string, GoldenEngine][] = [
  ...Object.entries(goldenEngines).filter(([, { optional }]) => !optional),
  ...Object.entries(builds).map(([name, options]): [string, GoldenEngine] => [
    `wasm, ${name}`,
    { create: () => createWasmEngine(options), tolerance: float32Tolerance },
  ]),
];

describe('recorded training runs', () => {
  it('are all there', () => {
    expect(names.length).toBe(16);
  });

  describe.each(engines)('on engine %s', (_name, { create, tolerance }) => {
    it.each(names)('%s is reproduced', (name) => {
      const result = runGolden(readGolden(at(`${name}.json`)), train, test, create());
      expect(result.wrongSteps).toBe(0);
      expect(result.loss).toBeLessThanOrEqual(tolerance.loss);
      expect(result.parameters, result.worstParameter).toBeLessThanOrEqual(tolerance.parameters);
      expect(result.evaluation).toBeLessThanOrEqual(tolerance.evaluation);
    });
  });
});

it('the command fails runs that are not reproduced, or that it cannot read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'golden-command-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const file of ['events.tsv', 'test-events.tsv']) cpSync(at(file), join(folder, file));
  const text = readFileSync(at('xe-sampled-logq-momentum.json'), 'utf8');
  const golden: ReturnType<typeof readGolden> = JSON.parse(text);
  const { config, final, losses, samples } = golden;
  const { Wy: _, ...withoutTable } = final;
  const runs = {
    'the same': golden,
    'a missing parameter': { ...golden, final: withoutTable },
    'a missing step': { ...golden, losses: [...losses, 1] },
    'a missing rank': { ...golden, ranks: golden.ranks.slice(1) },
    'an unknown loss': { ...golden, config: { ...config, loss: 'hinge' } },
    'another rate': { ...golden, config: { ...config, learning_rate: config.learning_rate * 1.01 } },
    'other negatives': { ...golden, samples: samples?.map((row) => row.map((item) => (item + 1) % 20)) },
    'a torn file': undefined,
  };
  for (const [name, run] of Object.entries(runs))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(run) ?? '{"name": "to');
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const surroundings = { resolvePath: String, print, complain: print };
  expect(await runGoldenCommand([folder, '--engine', 'wasm'], surroundings)).toBe(1);
  expect(lines.filter((line) => line.endsWith('pass'))).toEqual([
    expect.stringMatching(/^the same +wasm +loss/),
  ]);
  expect(lines.filter((line) => / loss \d/.test(line))).toHaveLength(6);
  expect(lines.at(-1)).toBe('1 passed, 7 failed');
});
