import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import type { Engine } from '@gru4rec/program';
import { readEvents, readGolden, type SessionTable } from '@gru4rec/test-support';
import type { GoldenTolerance } from './engines.ts';
import { type GoldenResult, runGolden } from './run-golden.ts';

/** The result of one golden. */
export interface GoldenOutcome {
  readonly name: string;
  readonly passed: boolean;
  /** The differences, or why the golden could not be run. */
  readonly text: string;
}

/**
 * Names of the golden files of a folder, sorted.
 * @throws Error as `readdir` does.
 */
export function listGoldens(folder: string, only: RegExp): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => parse(file).name)
    .filter((name) => only.test(name))
    .sort();
}

/** Runs one golden of a folder. A file that cannot be run counts as a failure. */
export function runGoldenFile(
  folder: string,
  name: string,
  engine: Engine,
  tolerance: GoldenTolerance,
): GoldenOutcome {
  try {
    const golden = readGolden(join(folder, `${name}.json`));
    const { train, test } = readTables(folder, golden.dataset);
    const result = runGolden(golden, train, test, engine);
    return { name, passed: passes(result, tolerance), text: describe(result) };
  } catch (error) {
    return { name, passed: false, text: error instanceof Error ? error.message : String(error) };
  }
}

function readTables(folder: string, dataset: string): { train: SessionTable; test: SessionTable } {
  const train = readEvents(join(folder, dataset));
  return { train, test: readEvents(join(folder, 'test-events.tsv'), { itemIds: train.itemIds }) };
}

/** Whether a run is as close to the recorded one as its engine's precision allows. */
function passes(result: GoldenResult, tolerance: GoldenTolerance): boolean {
  return (
    result.wrongSteps === 0 &&
    result.loss <= tolerance.loss &&
    result.parameters <= tolerance.parameters &&
    result.evaluation <= tolerance.evaluation
  );
}

function describe({ loss, parameters, worstParameter, evaluation, wrongSteps }: GoldenResult): string {
  const differences = [
    `loss ${loss.toExponential(1)}`,
    `parameters ${parameters.toExponential(1)} (${worstParameter})`,
    `evaluation ${evaluation.toExponential(1)}`,
  ];
  if (wrongSteps > 0) differences.push(`${wrongSteps} steps with other live slots`);
  return differences.join('  ');
}
