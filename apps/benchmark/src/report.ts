import { readFileSync, writeFileSync } from 'node:fs';
import { type ComparisonRow, type Contested, reachesGoal } from './contest.ts';
import type { Environment } from './environment.ts';
import { figure, formatTable, percent, type Summary, whole } from './measure.ts';

export interface Report {
  readonly environment: Environment;
  /** The command line, without paths of this machine. */
  readonly command: string;
  readonly comparisons: readonly ComparisonRow[];
}

/** In Markdown: the environment, the tables, and the peers that could not take part. */
export function formatReport({ environment, comparisons }: Report): string {
  const { cpu, cores, platform, node, commit, date, load } = environment;
  const head = `${cpu}, ${cores} cores, ${platform}, Node ${node}, commit ${commit}, ${date}, load ${load.toFixed(2)}`;
  const tables = comparisons.length > 0 ? [comparisonTable(comparisons), detailTable(comparisons)] : [];
  const missing = new Set(
    comparisons.flatMap(({ suite, missing }) =>
      missing.map(({ name, problem }) => `- ${name} (${suite}): ${problem}`),
    ),
  );
  const absent = missing.size > 0 ? [`Peers that could not take part:\n\n${[...missing].join('\n')}`] : [];
  return [head, ...tables.map(formatTable), ...absent].join('\n\n');
}

function comparisonTable(rows: readonly ComparisonRow[]): string[][] {
  const lines = rows.map((row) => {
    const best = row.peers.find(({ name }) => name === row.best);
    const ratio = row.ratio ? `**${figure(row.ratio.median)}** ${range(row.ratio)}` : '–';
    const other = best ? `${ranged(best)} ${best.name}` : 'none took part';
    return [row.suite, row.name, row.unit, ranged(row.ours), other, ratio, describeGoal(row)];
  });
  return [['suite', 'row', 'unit', 'ours', 'best peer', 'ratio', 'goal'], ...lines];
}

function detailTable(rows: readonly ComparisonRow[]): string[][] {
  const line = (row: ComparisonRow, contestant: Contested) => {
    const { name, process } = contestant;
    const { median, min, max, spread, samples } = contestant.figure;
    const own = contestant === row.ours;
    const memory = process?.peakMiB ?? (own ? row.peakMiB : undefined);
    return [
      ...[row.name, own ? `${name}, ${row.engine}` : name, figure(median), figure(min), figure(max)],
      ...[percent(spread), `${samples}`, describeWork(contestant), memory === undefined ? '' : whole(memory)],
    ];
  };
  return [
    ['row', 'contestant', 'median', 'min', 'max', 'spread', 'rounds', 'correctness', 'MiB'],
    ...rows.flatMap((row) => [row.ours, ...row.peers].map((contestant) => line(row, contestant))),
  ];
}

/** "loss 8.031, recall 0.1377, 34,320 events": figures that show that the work was done. */
export function describeWork({ correctness, process }: Pick<Contested, 'correctness' | 'process'>): string {
  const done = Object.entries(correctness).map(([name, value]) => {
    const words = name.replace(/[A-Z]|(?<![p.\d])\d+/g, (part) => ` ${part.toLowerCase()}`);
    const isCount = Number.isInteger(value) && value > 1;
    return isCount ? `${whole(value)} ${words}` : `${words} ${value.toPrecision(4)}`;
  });
  const own = process && `; in ${process.seconds.toFixed(1)} s, ${whole(process.peakMiB)} MiB`;
  return `${done.join(', ')}${own ?? ''}`;
}

/** "≥ 5.4×: reached", with "missed" or "not measured"; a dash without a goal. */
function describeGoal(row: ComparisonRow): string {
  const { leastRatio, bound, better, unit } = row;
  if (leastRatio === undefined && bound === undefined) return '–';
  const goal = leastRatio === undefined ? `${whole(bound ?? 0)} ${unit}` : `${leastRatio}×`;
  const reached = reachesGoal(row);
  const how = reached === undefined ? 'not measured' : reached ? 'reached' : 'missed';
  return `${leastRatio === undefined && better === 'less' ? '≤' : '≥'} ${goal}: ${how}`;
}

function ranged({ figure: summary }: Contested): string {
  return `${figure(summary.median)} ${range(summary)}`;
}

function range({ min, max }: Summary): string {
  return `(${figure(min)}–${figure(max)})`;
}

export const resultsPage: URL = new URL('../RESULTS.md', import.meta.url);

/** Adds a run to the section of its day and machine; a new one comes first below "Speed". Returns a line that names it. */
export function recordRun(report: Report, page: URL | string): string {
  const { date, cpu, cores } = report.environment;
  const machine = `${cpu} ${cores} cores`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const name = `${date}-${machine.replace(/^-|-$/g, '')}`;
  const run = [`\`${report.command}\``, formatReport(report)];
  const text = readFileSync(page, 'utf8');
  const next = (from: number) => (text.indexOf('\n### ', from) + 1 || text.length + 1) - 1;
  const section = text.indexOf(`\n### ${name}\n`);
  const at = next(section < 0 ? text.indexOf('\n## Speed\n') : section + 1);
  const added = [...(section < 0 ? [`### ${name}`] : []), ...run].join('\n\n');
  writeFileSync(page, `${text.slice(0, at).trimEnd()}\n\n${added}\n${text.slice(at)}`);
  return `recorded in ${name} of RESULTS.md`;
}
