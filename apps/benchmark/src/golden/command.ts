import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { readEvents, readGolden } from '@gru4rec/test-support';
import yargs from 'yargs';
import { parsePattern, runCommand, type Surroundings, UsageError } from '../command-line.ts';
import { createMeasuredEngine, type EngineChoice } from '../engine-choice.ts';
import { type GoldenTolerance, runGolden } from './run-golden.ts';

const float64: GoldenTolerance = { loss: 1e-9, parameters: 1e-8, evaluation: 1e-12 };
/** The tolerance of an engine that computes in float32. */
export const float32Tolerance: GoldenTolerance = { loss: 2e-5, parameters: 2e-4, evaluation: 1e-12 };

export interface GoldenEngine {
  /** @throws EngineUnavailableError if it cannot run here. */
  readonly create: () => Engine;
  readonly tolerance: GoldenTolerance;
  readonly optional?: boolean;
}

function optional(choice: EngineChoice): GoldenEngine {
  return { create: () => createMeasuredEngine(choice), tolerance: float32Tolerance, optional: true };
}

export const goldenEngines: Readonly<Record<string, GoldenEngine>> = {
  wasm: { create: () => createWasmEngine(), tolerance: float32Tolerance },
  'wasm-composed': { create: () => createWasmEngine({ fuse: false }), tolerance: float32Tolerance },
  'wasm-avx512': optional({ kernels: 'avx512' }),
  'wasm-avx2': optional({ kernels: 'avx2' }),
  'wasm-neon': optional({ kernels: 'neon' }),
  reference: { create: createReferenceEngine, tolerance: float64 },
  tensorflow: optional({ name: 'tensorflow' }),
  cuda: optional({ name: 'cuda' }),
};

const WIDTH = 40;

/** Returns 0 if all pass; 1 if any fails or an engine cannot run here; 2 if the command line is wrong. */
export function runGoldenCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, resolvePath } = surroundings;
  return runCommand('golden', goldenParser(), words, surroundings, ({ dir, engine: engines, only }) => {
    const folder = resolvePath(String(dir));
    const names = namesIn(folder, parsePattern('golden', only));
    const counts = { pass: 0, FAIL: 0 };
    for (const engineName of new Set(engines)) {
      const entry = goldenEngines[engineName];
      if (!entry) continue;
      const engine = entry.create();
      for (const name of names) {
        const { passed, text } = runGoldenFile(folder, name, engine, entry.tolerance);
        const verdict = passed ? 'pass' : 'FAIL';
        counts[verdict]++;
        print(`${name.padEnd(WIDTH)} ${engineName.padEnd(13)} ${text}  ${verdict}`);
      }
    }
    print(`${counts.pass} passed, ${counts.FAIL} failed`);
    return counts.FAIL === 0 ? 0 : 1;
  });
}

function goldenParser() {
  const choices = Object.keys(goldenEngines);
  const defaults = choices.filter((name) => !goldenEngines[name]?.optional);
  const dir = { type: 'string', demandOption: true, describe: 'Folder of golden files' } as const;
  const engine = { type: 'string', array: true, choices, default: defaults } as const;
  const only = 'Regular expression that a name must match, such as "^(xe|bprmax)-"';
  return yargs()
    .usage('$0 <dir>', 'Repeats recorded training runs and compares the results.', (y) =>
      y.positional('dir', dir),
    )
    .option('engine', { ...engine, describe: 'Engines to run on' })
    .option('only', { type: 'string', default: '', describe: only });
}

/** @throws UsageError if the folder cannot be read, or no golden file in it matches. */
function namesIn(folder: string, only: RegExp): readonly string[] {
  try {
    const names = listGoldens(folder).filter((name) => only.test(name));
    if (names.length > 0) return names;
  } catch (error) {
    throw new UsageError(`golden: cannot read the folder. ${(error as Error).message}`);
  }
  throw new UsageError(`golden: no golden file (*.json) in ${folder} matches /${only.source}/`);
}

export function listGoldens(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.map((file) => parse(file).name).sort();
}

/** A file that cannot be run counts as a failure. Returns whether it passed, and the differences or the reason. */
export function runGoldenFile(
  folder: string,
  name: string,
  engine: Engine,
  tolerance: GoldenTolerance,
): { readonly passed: boolean; readonly text: string } {
  try {
    const golden = readGolden(join(folder, `${name}.json`));
    const train = readEvents(join(folder, golden.dataset));
    const test = readEvents(join(folder, 'test-events.tsv'), { itemIds: train.itemIds });
    const result = runGolden(golden, train, test, engine);
    const { loss, parameters, worstParameter, evaluation, wrongSteps } = result;
    const differences = [
      `loss ${loss.toExponential(1)}`,
      `parameters ${parameters.toExponential(1)} (${worstParameter})`,
      `evaluation ${evaluation.toExponential(1)}`,
      ...(wrongSteps > 0 ? [`${wrongSteps} steps with other live slots`] : []),
    ];
    const isClose = loss <= tolerance.loss && parameters <= tolerance.parameters;
    const passed = isClose && evaluation <= tolerance.evaluation && wrongSteps === 0;
    return { passed, text: differences.join('  ') };
  } catch (error) {
    return { passed: false, text: (error as Error).message };
  }
}
