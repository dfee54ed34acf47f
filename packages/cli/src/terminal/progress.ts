import type { ScorerProgress } from '@gru4rec/comparison';
import { metricNames, metrics } from '@gru4rec/metrics';
import type { EpochRecord, StepProgress } from '@gru4rec/model';
import type { PrepareProgress } from '@gru4rec/preprocess';
import cliProgress from 'cli-progress';
import { printable } from './printable.ts';
import type { Output, RawOutput } from './terminal.ts';

export function showTraining(stderr: Output): {
  onStep(progress: StepProgress): void;
  onEpoch(record: EpochRecord): void;
  /** Restores the terminal; must be called when training ends. */
  stop(): void;
} {
  const bar = stderr.isTTY ? new EpochBar(stderr.raw) : undefined;
  return {
    onStep: (progress) => bar?.update(progress),
    onEpoch(record) {
      bar?.clear();
      stderr.write(`${formatEpoch(record)}\n`);
    },
    stop: () => bar?.clear(),
  };
}

/** `epoch 3 of 4  loss 6.2134  1.52 s  410 steps/s  13,120 events/s` */
export function formatEpoch(record: EpochRecord, epochs?: number): string {
  const { epoch, loss, seconds, stepsPerSecond, eventsPerSecond, validation, heldOut } = record;
  const place = epochs === undefined ? `epoch ${epoch}` : `epoch ${epoch} of ${epochs}`;
  const parts = [
    heldOut ? 'held-out sessions, once' : place,
    `loss ${loss.toFixed(4)}`,
    `${seconds.toFixed(2)} s`,
    `${groupDigits(stepsPerSecond)} steps/s`,
    `${groupDigits(eventsPerSecond)} events/s`,
  ];
  if (validation) {
    const figures = metricNames.map((name, at) => {
      const label = `${metrics[name].label}${at === 0 ? '@20' : ''}`;
      return `${label} ${validation[name]?.toFixed(4)}`;
    });
    parts.push(`validation ${figures.join(' ')}`);
  }
  return parts.join('  ');
}

/** `4:05`, or `1:04:05` from an hour on. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

export function groupDigits(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function count(value: number, noun: string): string {
  return `${groupDigits(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `data: 60 items (3 of them without training clicks), train 260 sessions of 1,503 events`. */
export function describeDataset(
  name: string,
  items: { readonly items: number; readonly coldItems: number },
  splits: Readonly<Record<string, { readonly sessions: number; readonly events: number }>>,
): string {
  const cold =
    items.coldItems === 0 ? '' : ` (${groupDigits(items.coldItems)} of them without training clicks)`;
  const counts = Object.entries(splits).map(
    ([split, { sessions, events }]) => `${split} ${count(sessions, 'session')} of ${count(events, 'event')}`,
  );
  return `${name}: ${count(items.items, 'item')}${cold}, ${counts.join(', ')}`;
}

class EpochBar {
  readonly #bar: cliProgress.SingleBar;
  readonly #started = performance.now();

  constructor(stream: RawOutput) {
    this.#bar = new cliProgress.SingleBar({
      stream,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      format: (options, { progress }, { epoch, epochs, loss, left }) =>
        `epoch ${epoch}/${epochs} ${cliProgress.Format.BarFormat(progress, options)} ${Math.floor(100 * progress)}%  loss ${loss}  ${left} left`,
    });
  }

  update({ epoch, epochs, events, eventsPerEpoch, loss }: StepProgress): void {
    const done = (epoch - 1 + events / eventsPerEpoch) / epochs;
    const seconds = (performance.now() - this.#started) / 1000;
    const left = formatDuration((seconds * (1 - done)) / done);
    const payload = { epoch, epochs, loss: loss.toFixed(4), left };
    if (this.#bar.isActive) this.#bar.update(events, payload);
    else this.#bar.start(eventsPerEpoch, events, payload);
  }

  clear(): void {
    if (this.#bar.isActive) this.#bar.stop();
  }
}

/** On a terminal, rewrites one line, at most ten times per second. */
function showLine(stderr: Output): { show(text: () => string): void; stop(): void } {
  let shown = 0;
  return {
    show(text) {
      if (!stderr.isTTY || performance.now() - shown < 100) return;
      shown = performance.now();
      stderr.raw.write(`\r\u001b[K${text()}`);
    },
    stop() {
      if (shown > 0) stderr.raw.write('\r\u001b[K');
      shown = 0;
    },
  };
}

export function showEvaluation(stderr: Output): {
  onProgress(scorer: string, progress: ScorerProgress): void;
  stop(): void;
} {
  const { show, stop } = showLine(stderr);
  const done = ({ predictions, total }: ScorerProgress) =>
    total === undefined
      ? groupDigits(predictions)
      : `${Math.floor((100 * predictions) / total)}% of ${groupDigits(total)}`;
  return {
    onProgress: (scorer, progress) =>
      show(() => `Evaluating ${printable(scorer)}: ${done(progress)} predictions`),
    stop,
  };
}

const SETTLED_SECONDS = 5;

/** On a terminal one line with the time left; in a pipe a line per step. `now`: milliseconds. */
export function showPreparation(
  stderr: Output,
  now: () => number = () => performance.now(),
): { show: (progress: PrepareProgress) => void; stop: () => void } {
  const started = now();
  let last = '';
  let estimate = { total: 0, endMs: started };
  const timeLeft = (total: number): string => {
    const elapsedMs = now() - started;
    // Without new progress, the time left counts down.
    if (total > estimate.total) estimate = { total, endMs: started + elapsedMs / total };
    if (elapsedMs < 1000 * SETTLED_SECONDS || total === 0) return '';
    return `, ${formatDuration((estimate.endMs - now()) / 1000)} left`;
  };
  return {
    show({ stage, detail, fraction, total }) {
      const step = printable(`${stage}: ${detail}`);
      if (stderr.isTTY) {
        const width = (stderr.columns || 80) - 1;
        const line = `${step} ${Math.floor(100 * fraction)} %${timeLeft(total)}`;
        stderr.raw.write(`\r\u001b[K${line.slice(-width)}`);
      } else if (step !== last) stderr.write(`${step}\n`);
      last = step;
    },
    stop() {
      if (stderr.isTTY) stderr.raw.write('\r\u001b[K');
    },
  };
}

/** @param doing - the first word, as in `Replaying: 12 % of 1,000 clicks, 1:20 left`. */
export function showShare(
  stderr: Output,
  doing: string,
  noun: string,
): {
  onProgress(done: number, total: number): void;
  stop(): void;
} {
  const started = performance.now();
  const { show, stop } = showLine(stderr);
  return {
    onProgress: (done, total) =>
      show(() => {
        const left = formatDuration(((performance.now() - started) / 1000) * (total / done - 1));
        const share = Math.floor((100 * done) / total);
        return `${doing}: ${share} % of ${count(total, noun)}, ${left} left`;
      }),
    stop,
  };
}
