import type { ComparisonRow } from './comparison.ts';
import { comparisonLines, sweepLines } from './comparison-report.ts';
import type { Environment } from './environment.ts';
import { formatTable, numbers, percent, perMille, whole } from './figures.ts';
import type { GoldenOutcome } from './golden/run-folder.ts';
import type { Summary } from './measure.ts';
import type { BatcherResult } from './suites/batcher.ts';
import type { LossResult } from './suites/loss.ts';
import type { SamplerResult } from './suites/sampler.ts';
import type { StepResult } from './suites/step.ts';
import type { SweepPoint } from './suites/sweep.ts';

/** All figures of one run. Suites that did not run are absent. */
export interface Report {
  readonly environment: Environment;
  /** The command line, without paths of this machine. */
  readonly command: string;
  readonly steps?: readonly StepResult[];
  readonly losses?: readonly LossResult[];
  readonly sampler?: SamplerResult;
  readonly batcher?: readonly BatcherResult[];
  /** Recorded runs that were repeated. */
  readonly goldens?: readonly GoldenOutcome[];
  /** Ours compared with other programs. */
  readonly comparisons?: readonly ComparisonRow[];
  readonly sweep?: readonly SweepPoint[];
  /** The names of rows that could not be measured, with the reason. */
  readonly skipped: readonly string[];
}

const SMALLEST_SHARE = 0.005;

/** The report as plain text. */
export function formatReport(report: Report): string {
  const { environment, steps = [], losses = [], sampler, batcher = [], skipped } = report;
  const { comparisons = [], sweep = [], goldens = [] } = report;
  const rows = [
    ['measured', 'median', 'min', 'max', 'spread', 'samples', 'events/s', 'peak MiB', 'correctness'],
    ...steps.flatMap(stepRows),
    ...losses.flatMap(lossRows),
    ...(sampler ? [samplerRow(sampler)] : []),
    ...batcher.map(batcherRow),
  ];
  const parts = [headLine(environment)];
  if (rows.length > 1) parts.push(formatTable(rows), ...steps.map(formatKernels));
  if (goldens.length > 0) parts.push(goldens.map(goldenLine).join('\n'));
  if (comparisons.length > 0) parts.push(formatTable(comparisonLines(comparisons)));
  if (sweep.length > 0) parts.push(formatTable(sweepLines(sweep)));
  if (skipped.length > 0) parts.push(`Skipped:\n${skipped.map((line) => `  ${line}`).join('\n')}`);
  return parts.join('\n\n');
}

function goldenLine({ name, passed, text }: GoldenOutcome): string {
  return `${name}  ${text}  ${passed ? 'pass' : 'FAIL'}`;
}

/** The environment on one line. */
export function headLine(environment: Environment): string {
  const { cpu, cores, platform, node, commit, date, load } = environment;
  return `${cpu}, ${cores} cores, ${platform}, Node ${node}, commit ${commit}, ${date}, load ${load.toFixed(2)}`;
}

function stepRows(step: StepResult): string[][] {
  const { stepsPerSecond, composedStepsPerSecond, lossAlone, prototype, correctness } = step;
  const events = (rate: Summary): string => whole(rate.median * step.batchSize);
  const loss = (value: number): string => `loss ${value.toPrecision(7)} after ${correctness.steps} steps`;
  const peak = whole(step.peakMiB);
  const rows = [
    [`${step.name}: steps/s, ${step.ops} ops`, ...numbers(stepsPerSecond), events(stepsPerSecond), peak],
    [
      `  composed loss: steps/s, ${step.composedOps} ops`,
      ...numbers(composedStepsPerSecond),
      events(composedStepsPerSecond),
      peak,
    ],
    ...(lossAlone.fused ? [['  loss alone, kernel: µs', ...numbers(lossAlone.fused)]] : []),
    ['  loss alone, composed: µs', ...numbers(lossAlone.composed)],
  ];
  rows[0]?.push(loss(correctness.loss));
  rows[1]?.push(loss(correctness.composedLoss));
  if (prototype) {
    const rate = prototype.stepsPerSecond;
    rows.push(['  prototype: steps/s', ...numbers(rate), events(rate)]);
    rows.push(['  ours / prototype, round by round', ...numbers(prototype.ratio)]);
  }
  return rows;
}

function lossRows({ name, fused, composed, correctness }: LossResult): string[][] {
  const row = (form: string, time: Summary, loss: number): string[] => {
    return [`loss ${name}, ${form}: µs`, ...numbers(time), '', '', `loss ${loss.toPrecision(7)}`];
  };
  return [
    ...(fused ? [row('kernel', fused, correctness.loss)] : []),
    row('composed', composed, correctness.composedLoss),
  ];
}

function samplerRow({ name, drawsPerSecond, correctness, peakMiB }: SamplerResult): string[] {
  const { drawn, probability } = correctness;
  const share = `top item ${perMille(drawn)}, expected ${perMille(probability)}`;
  return [`sampler, ${name}: draws/s`, ...numbers(drawsPerSecond), '', whole(peakMiB), share];
}

function batcherRow({ name, eventsPerSecond, correctness, peakMiB }: BatcherResult): string[] {
  const { fed, expected } = correctness;
  const events = whole(eventsPerSecond.median);
  const text = `${fed} of ${expected} events fed`;
  return [`batcher, ${name}: events/s`, ...numbers(eventsPerSecond), events, whole(peakMiB), text];
}

function formatKernels({ name, kernels }: StepResult): string {
  const total = kernels.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const shown = kernels.filter(({ share }) => share >= SMALLEST_SHARE);
  const rest = kernels.filter(({ share }) => share < SMALLEST_SHARE);
  const sum = (pick: (k: (typeof kernels)[number]) => number): number =>
    rest.reduce((all, k) => all + pick(k), 0);
  const others =
    rest.length > 0
      ? [
          {
            kernel: 'others',
            calls: sum((k) => k.calls),
            microseconds: sum((k) => k.microseconds),
            share: sum((k) => k.share),
          },
        ]
      : [];
  const rows = [...shown, ...others].map(({ kernel, calls, microseconds, share }) => [
    kernel,
    `${calls}`,
    microseconds.toFixed(1),
    percent(share),
  ]);
  const title = `${name}: ${total.toFixed(0)} µs op by op`;
  return `${title}\n${formatTable([['kernel', 'calls', 'µs', 'share'], ...rows])}`;
}
