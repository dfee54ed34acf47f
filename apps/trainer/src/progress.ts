import type { EvaluationProgress } from '@gru4rec/metrics';
import type { EpochRecord, StepProgress } from '@gru4rec/model';
import cliProgress from 'cli-progress';
import type { Output } from './terminal.ts';

/** Shows how training goes. */
export interface TrainingProgress {
  onStep(progress: StepProgress): void;
  onEpoch(record: EpochRecord): void;
  /** Leaves the terminal as it was; to be called however training ends. */
  stop(): void;
}

/** A line for each epoch and, on a terminal, a live bar below them. */
export function showTraining(stderr: Output): TrainingProgress {
  const bar = stderr.isTTY ? new EpochBar(stderr) : undefined;
  return {
    onStep: (progress) => bar?.update(progress),
    onEpoch(record) {
      bar?.clear();
      stderr.write(`${formatEpoch(record)}\n`);
    },
    stop: () => bar?.clear(),
  };
}

/** `epoch 3  loss 6.2134  1.52 s  410 steps/s  13,120 events/s` */
export function formatEpoch(record: EpochRecord): string {
  const { epoch, loss, seconds, stepsPerSecond, eventsPerSecond, validation } = record;
  const parts = [
    `epoch ${epoch}`,
    `loss ${loss.toFixed(4)}`,
    `${seconds.toFixed(2)} s`,
    `${groupDigits(stepsPerSecond)} steps/s`,
    `${groupDigits(eventsPerSecond)} events/s`,
  ];
  if (validation) {
    const { recall, mrr, ndcg } = validation;
    parts.push(`validation recall@20 ${recall.toFixed(4)} MRR ${mrr.toFixed(4)} nDCG ${ndcg.toFixed(4)}`);
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

/** `13,120` */
export function groupDigits(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** One bar an epoch, with the time left for all epochs. */
class EpochBar {
  private readonly bar: cliProgress.SingleBar;
  private readonly started = performance.now();

  constructor(stream: Output) {
    this.bar = new cliProgress.SingleBar({
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
    const seconds = (performance.now() - this.started) / 1000;
    const left = formatDuration((seconds * (1 - done)) / done);
    const payload = { epoch, epochs, loss: loss.toFixed(4), left };
    if (this.bar.isActive) this.bar.update(events, payload);
    else this.bar.start(eventsPerEpoch, events, payload);
  }

  clear(): void {
    if (this.bar.isActive) this.bar.stop();
  }
}

/** On a terminal, a live line that says which scorer is being evaluated and how far it is. */
export function showEvaluation(stderr: Output): {
  onProgress(scorer: string, progress: EvaluationProgress): void;
  stop(): void;
} {
  let shown = 0;
  return {
    onProgress(scorer, { predictions, total }) {
      if (!stderr.isTTY || performance.now() - shown < 100) return;
      shown = performance.now();
      const percent = Math.floor((100 * predictions) / total);
      stderr.write(`\r\u001b[KEvaluating ${scorer}: ${percent}% of ${groupDigits(total)} predictions`);
    },
    stop() {
      if (shown > 0) stderr.write('\r\u001b[K');
    },
  };
}
