import { type ComparisonRow, type Contested, reachesGoal } from './comparison.ts';
import { figure, numbers, whole } from './figures.ts';
import type { SweepPoint } from './suites/sweep.ts';

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
export function describeGoal(row: ComparisonRow): string {
  if (!row.goal) return '';
  const reached = reachesGoal(row);
  return `${row.goal.text}: ${reached === undefined ? 'not measured' : reached ? 'reached' : 'missed'}`;
}

/** The speed of the machine before and after a row was measured: "698 → 684". */
export function describeCalibration({ before, after }: ComparisonRow['calibration']): string {
  return `${whole(before)} → ${whole(after)}`;
}

/** Rows of text for a comparison: one line per contestant and one for the ratio. */
export function comparisonLines(rows: readonly ComparisonRow[]): string[][] {
  const head = ['compared', 'median', 'min', 'max', 'spread', 'rounds', 'correctness'];
  return [head, ...rows.flatMap(linesOf)];
}

function linesOf(row: ComparisonRow): string[][] {
  const line = (contestant: Contested): string[] => {
    return [`  ${contestant.name}: ${row.unit}`, ...numbers(contestant.figure), describeWork(contestant)];
  };
  const goal = describeGoal(row);
  return [
    [`${row.suite}, ${row.name}; ${row.engine}`],
    line(row.ours),
    ...row.peers.map(line),
    ...(row.ratio ? [[`  times better than ${row.best}`, ...numbers(row.ratio), goal]] : [[`  ${goal}`]]),
    ...row.missing.map(({ name, problem }) => [`  ${name}: missing: ${problem}`]),
    [`  calibration before → after, M/s: ${describeCalibration(row.calibration)}`],
  ].filter(([first]) => first?.trim() !== '');
}

/** Rows of text for a sweep. */
export function sweepLines(points: readonly SweepPoint[]): string[][] {
  const head = ['sweep: µs per step', 'median', 'min', 'max', 'spread', 'samples', 'events/s', 'MiB', 'loss'];
  return [
    head,
    ...points.map(({ varied, value, batchSize, stepMicroseconds, memoryMiB, correctness }) => [
      `${varied} ${whole(value)}`,
      ...numbers(stepMicroseconds),
      figure((batchSize * 1e6) / stepMicroseconds.median),
      whole(memoryMiB),
      correctness.loss.toPrecision(5),
    ]),
  ];
}
