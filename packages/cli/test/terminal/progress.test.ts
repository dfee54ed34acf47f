import { describe, expect, it } from 'vitest';
import {
  count,
  formatDuration,
  formatEpoch,
  showEvaluation,
  showPreparation,
  showTraining,
} from '../../src/terminal/progress.ts';
import { Output } from '../../src/terminal/terminal.ts';
import { Sink } from '../run-trainer.ts';

const record = {
  epoch: 3,
  loss: 6.21338,
  seconds: 1.519,
  steps: 623,
  events: 19_929,
  stepsPerSecond: 410.1,
  eventsPerSecond: 13_119.8,
};
const step = { epoch: 1, epochs: 2, step: 10, learningRate: 0.1, events: 50, eventsPerEpoch: 100, loss: 7.5 };

/** A sink that claims to be a terminal. */
class Screen extends Sink {
  readonly isTTY = true;
  readonly columns = 100;
}

describe('formatEpoch', () => {
  it('gives loss, seconds, steps/s and events/s', () => {
    expect(formatEpoch(record)).toBe('epoch 3  loss 6.2134  1.52 s  410 steps/s  13,120 events/s');
    expect(formatEpoch(record, 4)).toMatch(/^epoch 3 of 4 {2}loss .* events\/s$/);
  });

  it('counts no epoch beyond the last for the held-out sessions', () => {
    expect(formatEpoch({ ...record, epoch: 5, heldOut: true }, 4)).toMatch(
      /^held-out sessions, once {2}loss/,
    );
  });
});

describe('showTraining', () => {
  it('draws a bar with the remaining time on a terminal, clears it, and writes plain lines to a pipe', () => {
    const [screen, pipe] = [new Screen(), new Sink()];
    for (const output of [screen, pipe]) {
      const progress = showTraining(new Output(output));
      progress.onStep(step);
      progress.onEpoch(record);
      progress.stop();
    }
    expect(pipe.text).toBe(`${formatEpoch(record)}\n`);
    expect(screen.text).toMatch(/epoch 1\/2 .*50% {2}loss 7\.5000 {2}0:00 left/);
    expect(screen.text.endsWith(pipe.text)).toBe(true);
    // The cursor is hidden while the bar moves, and shown again.
    expect(screen.text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(screen.text.lastIndexOf('\u001b[?25l'));
  });
});

describe('showEvaluation', () => {
  it('names the scorer and its share, if the total is known, on a terminal, and is silent in a pipe', () => {
    const [screen, pipe] = [new Screen(), new Sink()];
    for (const output of [screen, pipe]) {
      const progress = showEvaluation(new Output(output));
      progress.onProgress('POP', { predictions: 1000, total: 2000 });
      progress.stop();
    }
    expect(screen.text).toBe('\r\u001b[KEvaluating POP: 50% of 2,000 predictions\r\u001b[K');
    expect(pipe.text).toBe('');
    showEvaluation(new Output(screen)).onProgress('GRU4Rec', { predictions: 1000, total: undefined });
    expect(screen.text.split('\u001b[K').at(-1)).toBe('Evaluating GRU4Rec: 1,000 predictions');
  });
});

describe('showPreparation', () => {
  const filter = { stage: 'filter', detail: 'rare items', fraction: 0.455, total: 0.25 } as const;

  it('shows the step and, once the speed is known, the remaining time on a terminal', () => {
    const screen = new Screen();
    let nowMs = 1_000;
    const progress = showPreparation(new Output(screen), () => nowMs);
    nowMs += 4_900;
    progress.show(filter);
    nowMs += 25_100;
    progress.show({ ...filter, total: 0.5 });
    nowMs += 10_000;
    progress.show({ ...filter, total: 0.5 });
    progress.stop();
    const line = '\r\u001b[Kfilter: rare items 45 %';
    expect(screen.text).toBe(`${line}${line}, 0:30 left${line}, 0:20 left\r\u001b[K`);
  });

  it('writes each step once to a pipe', () => {
    const sink = new Sink();
    const progress = showPreparation(new Output(sink));
    progress.show(filter);
    progress.show({ ...filter, fraction: 1 });
    progress.stop();
    expect(sink.text).toBe('filter: rare items\n');
  });
});

describe('figures', () => {
  it.each([
    [formatDuration(0.4), '0:00'],
    [formatDuration(65), '1:05'],
    [formatDuration(3600 + 2 * 60 + 3), '1:02:03'],
    [count(0, 'session'), '0 sessions'],
    [count(1, 'session'), '1 session'],
    [count(13_120, 'new item'), '13,120 new items'],
  ])('%s is %s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});
