import type { Environment } from './environment.ts';
import type { Summary } from './measure.ts';
import type { BatcherResult } from './suites/batcher.ts';
import type { LossResult } from './suites/loss.ts';
import type { SamplerResult } from './suites/sampler.ts';
import type { StepResult } from './suites/step.ts';

/** All figures of one run. Suites that did not run are absent. */
export interface Report {
  readonly environment: Environment;
  readonly steps?: readonly StepResult[];
  readonly losses?: readonly LossResult[];
  readonly sampler?: SamplerResult;
  readonly batcher?: readonly BatcherResult[];
  /** Rows that could not be measured, by name, with the reason. */
  readonly skipped: readonly string[];
}

const SMALLEST_SHARE = 0.005;

/** The report as plain text. */
export function formatReport(report: Report): string {
  const { environment, steps = [], losses = [], sampler, batcher = [], skipped } = report;
  const { cpu, cores, platform, node, commit, date, load } = environment;
  const head = `${cpu}, ${cores} cores, ${platform}, Node ${node}, commit ${commit}, ${date}, load ${load.toFixed(2)}; one thread`;
  const rows = [
    ['measured', 'median', 'min', 'max', 'spread', 'samples', 'events/s', 'peak MiB', 'correctness'],
    ...steps.flatMap(stepRows),
    ...losses.flatMap(lossRows),
    ...(sampler ? [samplerRow(sampler)] : []),
    ...batcher.map(batcherRow),
  ];
  const parts = [head, formatTable(rows), ...steps.map(formatKernels)];
  if (skipped.length > 0) parts.push(`Skipped:\n${skipped.map((line) => `  ${line}`).join('\n')}`);
  return parts.join('\n\n');
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

function numbers({ median, min, max, spread, samples }: Summary): string[] {
  return [figure(median), figure(min), figure(max), percent(spread), `${samples}`];
}

function figure(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  return value >= 1000 ? whole(value) : value.toPrecision(3);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function perMille(share: number): string {
  return `${(share * 1000).toFixed(3)} ‰`;
}

/** Columns side by side, the first and the last to the left, numbers to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const width = (c: number): number => Math.max(...rows.map((row) => row[c]?.length ?? 0));
  const widths = Array.from({ length: columns }, (_, c) => width(c));
  const cell = (text: string, c: number): string => {
    const left = c === 0 || (c === columns - 1 && columns > 4);
    return left ? text.padEnd(widths[c] ?? 0) : text.padStart(widths[c] ?? 0);
  };
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
