import type { ComparisonRow, Contested } from '../comparison.ts';
import { describeCalibration, describeGoal, describeWork } from '../comparison-report.ts';
import { figure, numbers, percent, whole } from '../figures.ts';
import { formatReport, headLine, type Report } from '../report.ts';
import type { SweepPoint } from '../suites/sweep.ts';
import type { RecordedFile } from './record.ts';

/** The text of RESULTS.md: every recorded run, the newest machine and day first. */
export function resultsMarkdown(files: readonly RecordedFile[]): string {
  const parts = [
    '# Results',
    'Made by `pnpm --filter benchmark results` from the files in `results/`; not edited by hand (remarks are in ' +
      '`results/<name>.md`). Medians, with minimum and ' +
      'maximum over the rounds in brackets. A ratio is how many times better ours is than the peer at its best number ' +
      'of threads, taken round by round; below 1 it is worse.',
  ];
  for (const file of files)
    parts.push(
      `## ${file.name}`,
      ...(file.remarks ? [file.remarks] : []),
      ...file.runs.flatMap((run) => runMarkdown(run, file.name)),
    );
  if (files.length === 0) parts.push('Nothing is recorded yet.');
  return `${parts.join('\n\n')}\n`;
}

function runMarkdown(run: Report, name: string): string[] {
  const { comparisons = [], sweep = [], environment, command, skipped } = run;
  const parts = [`\`${command}\``, `${headLine(environment)}.`];
  if (comparisons.length > 0) parts.push(comparisonTable(comparisons), detailTable(comparisons));
  const missing = missingLines(comparisons);
  if (missing.length > 0) parts.push(`Peers that could not take part:\n\n${missing.join('\n')}`);
  if (sweep.length > 0)
    parts.push(`![Time of a step over each size](results/${name}.svg)`, sweepTable(sweep));
  const { steps, losses, sampler, batcher } = run;
  if (steps || losses || sampler || batcher) {
    const { comparisons: _, sweep: __, ...others } = run;
    parts.push(`\`\`\`\n${formatReport(others)}\n\`\`\``);
  } else if (skipped.length > 0) parts.push(`Skipped: ${skipped.join('; ')}`);
  return parts;
}

/** Goals beside figures, a line a row. */
function comparisonTable(rows: readonly ComparisonRow[]): string {
  const head = ['suite', 'row', 'unit', 'ours', 'best peer', 'ratio', 'goal'];
  return table([
    head,
    ...rows.map((row) => {
      const best = row.peers.find(({ name }) => name === row.best);
      const ratio = row.ratio ? `**${figure(row.ratio.median)}** ${range(row.ratio)}` : '–';
      const other = best ? `${ranged(best)} ${best.name}` : 'none took part';
      return [row.suite, row.name, row.unit, ranged(row.ours), other, ratio, describeGoal(row) || '–'];
    }),
  ]);
}

/** Every contestant, with what shows that the work was done. */
function detailTable(rows: readonly ComparisonRow[]): string {
  const head = [
    'row',
    'contestant',
    'median',
    'min',
    'max',
    'spread',
    'rounds',
    'correctness',
    'machine, M/s',
    'MiB',
  ];
  const line = (row: ComparisonRow, contestant: Contested, own: boolean) => {
    const { name, figure: summary, process } = contestant;
    const peakMiB = process?.peakMiB ?? (own ? row.peakMiB : undefined);
    return [
      row.name,
      own ? `${name}, ${row.engine}` : name,
      ...numbers(summary),
      describeWork(contestant),
      describeCalibration(row.calibration),
      peakMiB === undefined ? '' : whole(peakMiB),
    ];
  };
  return table([
    head,
    ...rows.flatMap((row) => [line(row, row.ours, true), ...row.peers.map((peer) => line(row, peer, false))]),
  ]);
}

function missingLines(rows: readonly ComparisonRow[]): string[] {
  const lines = rows.flatMap(({ suite, missing }) =>
    missing.map(({ name, problem }) => `- ${name} (${suite}): ${problem}`),
  );
  return [...new Set(lines)];
}

function sweepTable(points: readonly SweepPoint[]): string {
  const head = [
    'varied',
    'value',
    'µs a step',
    'min',
    'max',
    'spread',
    'events/s',
    'engine MiB',
    'loss',
    'engine',
  ];
  return table([
    head,
    ...points.map(({ varied, value, batchSize, stepMicroseconds: time, memoryMiB, correctness, engine }) => [
      varied,
      whole(value),
      figure(time.median),
      figure(time.min),
      figure(time.max),
      percent(time.spread),
      figure((batchSize * 1e6) / time.median),
      whole(memoryMiB),
      correctness.loss.toPrecision(5),
      engine,
    ]),
  ]);
}

function ranged({ figure: summary }: Contested): string {
  return `${figure(summary.median)} ${range(summary)}`;
}

function range({ min, max }: { readonly min: number; readonly max: number }): string {
  return `(${figure(min)}–${figure(max)})`;
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
