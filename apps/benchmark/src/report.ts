import { type ComparisonRow, type Contested, type MissingPeer, reachesGoal } from './contest.ts';
import type { Environment } from './environment.ts';
import { figure, formatTable, numbers, whole } from './figures.ts';

/** All figures of one run. */
export interface Report {
  readonly environment: Environment;
  /** The command line, without paths of this machine. */
  readonly command: string;
  readonly comparisons: readonly ComparisonRow[];
}

/** The report in Markdown: the environment, the tables, and the peers that could not take part. */
export function formatReport({ environment, comparisons }: Report): string {
  const tables = comparisons.length > 0 ? [comparisonTable(comparisons), detailTable(comparisons)] : [];
  return [headLine(environment), ...tables.map(formatTable), ...missingParts(comparisons)].join('\n\n');
}

/** The environment on one line. */
function headLine(environment: Environment): string {
  const { cpu, cores, platform, node, commit, date, load } = environment;
  return `${cpu}, ${cores} cores, ${platform}, Node ${node}, commit ${commit}, ${date}, load ${load.toFixed(2)}`;
}

/** Goals next to figures, one line per row. */
function comparisonTable(rows: readonly ComparisonRow[]): string[][] {
  const lines = rows.map((row) => {
    const best = row.peers.find(({ name }) => name === row.best);
    const ratio = row.ratio ? `**${figure(row.ratio.median)}** ${range(row.ratio)}` : '–';
    const other = best ? `${ranged(best)} ${best.name}` : 'none took part';
    return [row.suite, row.name, row.unit, ranged(row.ours), other, ratio, describeGoal(row) || '–'];
  });
  return [['suite', 'row', 'unit', 'ours', 'best peer', 'ratio', 'goal'], ...lines];
}

/** Every contestant, with the figures that show that it did the work. */
function detailTable(rows: readonly ComparisonRow[]): string[][] {
  const head = ['row', 'contestant', 'median', 'min', 'max', 'spread', 'rounds'];
  const line = (row: ComparisonRow, contestant: Contested, own: boolean) => {
    const { name, figure: summary, process } = contestant;
    const peakMiB = process?.peakMiB ?? (own ? row.peakMiB : undefined);
    return [
      row.name,
      own ? `${name}, ${row.engine}` : name,
      ...numbers(summary),
      describeWork(contestant),
      peakMiB === undefined ? '' : whole(peakMiB),
    ];
  };
  return [
    [...head, 'correctness', 'MiB'],
    ...rows.flatMap((row) => [line(row, row.ours, true), ...row.peers.map((peer) => line(row, peer, false))]),
  ];
}

/** A paragraph with the peers that could not take part, once each; none if all did. */
function missingParts(rows: readonly ComparisonRow[]): string[] {
  const line = (suite: string, { name, problem }: MissingPeer) => `- ${name} (${suite}): ${problem}`;
  const lines = new Set(rows.flatMap(({ suite, missing }) => missing.map((peer) => line(suite, peer))));
  return lines.size > 0 ? [`Peers that could not take part:\n\n${[...lines].join('\n')}`] : [];
}

/** "loss 8.031, recall 0.1377, 34,320 events": figures that show that the work was done. */
export function describeCorrectness(correctness: Readonly<Record<string, number>>): string {
  return Object.entries(correctness)
    .map(([name, value]) => {
      const words = name.replace(/[A-Z]|(?<![p.\d])\d+/g, (part) => ` ${part.toLowerCase()}`);
      return Number.isInteger(value) && value > 1
        ? `${whole(value)} ${words}`
        : `${words} ${value.toPrecision(4)}`;
    })
    .join(', ');
}

/** The same, with time and memory if the contestant had its own process. */
export function describeWork({ correctness, process }: Contested): string {
  const done = describeCorrectness(correctness);
  return process ? `${done}; in ${process.seconds.toFixed(1)} s, ${whole(process.peakMiB)} MiB` : done;
}

/** "reached", "missed" or "not measured", with the goal; empty without a goal. */
function describeGoal(row: ComparisonRow): string {
  if (!row.goal) return '';
  const reached = reachesGoal(row);
  return `${row.goal.text}: ${reached === undefined ? 'not measured' : reached ? 'reached' : 'missed'}`;
}

function ranged({ figure: summary }: Contested): string {
  return `${figure(summary.median)} ${range(summary)}`;
}

function range({ min, max }: { readonly min: number; readonly max: number }): string {
  return `(${figure(min)}–${figure(max)})`;
}
