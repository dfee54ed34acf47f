import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goldenFolder, type readGolden } from '@gru4rec/test-support';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { goldenEngines, listGoldens, runGoldenCommand, runGoldenFile } from '../src/golden/command.ts';

const recorded = fileURLToPath(goldenFolder);
const folder = testFolder();
const names = listGoldens(recorded);

it('the recorded training runs are all there', () => {
  expect(names).toHaveLength(16);
});

// On every other engine and build of kernels: golden.slow.test.ts.
const engines = Object.entries(goldenEngines).filter(([name]) => /^wasm(-composed)?$/.test(name));
describe.each(engines)('on engine %s', (_name, { create, tolerance }) => {
  it.each(names)('%s is reproduced', (name) => {
    const { passed, text } = runGoldenFile(recorded, name, create(), tolerance);
    expect(passed, text).toBe(true);
  });
});

it('the command fails runs that are not reproduced, or that it cannot read', async () => {
  for (const file of ['events.tsv', 'test-events.tsv']) cpSync(join(recorded, file), join(folder, file));
  const text = readFileSync(join(recorded, 'xe-sampled-logq-momentum.json'), 'utf8');
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
