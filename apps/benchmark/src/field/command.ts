import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { type ModelConfigInput, type PresetName, parseConfig, presets } from '@gru4rec/model';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import yargs from 'yargs';
import * as line from '../command-line.ts';
import { formatTable } from '../measure.ts';
import type { Stage } from './protocols.ts';
import { type Row, rows } from './rows.ts';
import { type Figure, type Result, resultIn } from './run-row.ts';

/**
 * Returns 0; 1 if the files give other predictions than the published ones; 2 for a wrong command line.
 * @param parts - for tests: tables, and hyper-parameters instead of those of the presets.
 */
export function runFieldCommand(
  words: readonly string[],
  surroundings: line.Surroundings,
  parts: { readonly rows?: Readonly<Record<string, Row>>; readonly changes?: ModelConfigInput } = {},
): Promise<number> {
  const { resolvePath, print, complain } = surroundings;
  return line.runCommand('field', fieldParser(), words, surroundings, async (found) => {
    const { only, seeds, threads } = found;
    line.checkPositiveIntegers('field', { threads });
    if (!seeds.every((seed) => /^\d+$/.test(seed)))
      throw new line.UsageError(`field: --seeds expected integers ≥ 0, got ${seeds.join(' ')}`);
    const engine = createWasmEngine({ threads, native: findNativeKernels().kernels });
    for (const [name, row] of Object.entries(parts.rows ?? rows)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const stages = row.protocol(row.files.map((file) => join(resolvePath(found['data-folder']), file)));
      checkPredictions(name, row, stages);
      complain(`${name}: ${row.predictions} predictions`);
      const measured: [string, Result[]][] = [];
      for (const preset of found.count ? [] : (found.presets as PresetName[])) {
        const results: Result[] = [];
        for (const seed of seeds) {
          const config = parseConfig({ preset, ...parts.changes, seed: Number(seed) });
          const file = join(resolvePath(found.output), `${name}-${preset}-${seed}.json`);
          results.push(await resultIn(file, row, { stages, config, engine }));
          complain(`${name}: ${preset}, seed ${seed}, is in ${file}`);
        }
        measured.push([preset, results]);
      }
      if (measured.length > 0)
        print(`${name}: ${row.predictions} predictions\n\n${tableOf(name, row, measured)}\n`);
    }
    return 0;
  });
}

function checkPredictions(name: string, { predictions, evaluation }: Row, stages: readonly Stage[]): void {
  const of = ({ length }: ArrayLike<string>) => (evaluation.protocol === 'last' ? 1 : length - 1);
  const counted = stages.reduce((sum, { predict }) => predict.reduce((all, one) => all + of(one), sum), 0);
  if (counted === predictions) return;
  throw new line.Failure(`field: ${name} expected files of ${predictions} predictions, got ${counted}`);
}

type Published = { readonly method: string; readonly values: readonly number[]; readonly source: string };

/** Ours, then the published figures: `<`, `=` or `>` by the interval of our first line. */
function tableOf(name: string, { figures }: Row, measured: readonly [string, readonly Result[]][]): string {
  const heads = figures.map((figure) => figure.join('@'));
  const ours = measured.map(([preset, results]) => {
    const minutes = (mean(results.map((one) => one.trainSeconds)) / 60).toFixed(1);
    const source = `${results.length} × ${minutes} minutes, ${results[0]?.missed} missed`;
    return { preset, source, values: heads.map((head) => overSeeds(results, head)) };
  });
  const beside = ([, lower, upper]: Figure, value: number): string =>
    `${value.toFixed(4)} ${value < lower ? '<' : value > upper ? '>' : '='}`;
  const file = readFileSync(new URL('./published.json', import.meta.url), 'utf8');
  const others: readonly Published[] =
    JSON.parse(file)[name.replace(/-(all|once|anew|attributes)$/, '')] ?? [];
  return formatTable([
    ['method', ...heads, 'source'],
    ...ours.map(({ preset, values, source }) => {
      const texts = values.map((figure) => figure.map((part) => part.toFixed(4)));
      return [preset, ...texts.map(([middle, ...interval]) => `${middle} (${interval.join('–')})`), source];
    }),
    ...others.map(({ method, values, source }) => {
      const cells =
        ours[0]?.values.map((ourValue, at) => (values[at] ? beside(ourValue, values[at]) : '–')) ?? [];
      return [method, ...cells, source];
    }),
  ]);
}

/** The 97.5 % quantiles of Student's t for 2 to 5 seeds. */
const T = [12.706, 4.303, 3.182, 2.776];

/** The mean over n seeds ∓ √(h² + t²s² / n): h is the mean half of their intervals by session, s their standard deviation. */
function overSeeds(results: readonly Result[], head: string): Figure {
  const figures = results.map((one) => one.figures[head] as Figure);
  const means = figures.map(([middle]) => middle);
  const bySession = mean(figures.map(([, lower, upper]) => (upper - lower) / 2));
  const error = means.length > 1 ? sampleStandardDeviation(means) / Math.sqrt(means.length) : 0;
  const half = Math.hypot(bySession, (T[means.length - 2] ?? 2.776) * error);
  return [mean(means), mean(means) - half, mean(means) + half];
}

function fieldParser() {
  const text = { type: 'string', requiresArg: true } as const;
  const list = { ...text, array: true } as const;
  const [names, tables] = [Object.keys(presets), Object.keys(rows)];
  return yargs()
    .usage('$0', 'Trains the presets on published files, and prints their figures beside the published ones.')
    .option('data-folder', { ...text, demandOption: true, describe: 'Folder of clones of the repositories' })
    .option('only', { ...list, choices: tables, default: [] as string[], describe: 'All if not given' })
    .option('seeds', { ...list, default: ['1', '2', '3'], describe: 'Seeds of the trainings' })
    .option('presets', { ...list, choices: names, default: names, describe: 'Presets to train' })
    .option('threads', { type: 'number', requiresArg: true, describe: 'Threads; all cores if not given' })
    .option('count', { type: 'boolean', default: false, describe: 'Only count the predictions of the files' })
    .option('output', { ...text, default: '.gru4rec/field', describe: 'Folder of the results' });
}
