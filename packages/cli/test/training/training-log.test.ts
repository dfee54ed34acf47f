import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochRecord, StepProgress } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/terminal/terminal.ts';
import { type LoggedRun, readTrainingLog, TrainingLog } from '../../src/training/training-log.ts';
import { makeFolder, Sink } from '../run-trainer.ts';

const logged: LoggedRun = {
  version: '1.0.0',
  output: 'model',
  dataset: { directory: 'data', checksum: 'abc' },
  items: 60,
  engine: { engine: 'wasm', threads: 1 },
  config: { layers: [16] },
};

const progress = (step: number, epoch = 1): StepProgress => ({
  ...{ epoch, epochs: 2, step, events: 8 * (step - 100 * (epoch - 1)), eventsPerEpoch: 800 },
  ...{ loss: 7 - step / 100, learningRate: 0.1 },
});

const record = (epoch: number): EpochRecord => ({
  ...{ epoch, loss: 6, seconds: 2, steps: 100, events: 800, stepsPerSecond: 50, eventsPerSecond: 400 },
  validation: { recall: 0.5, mrr: 0.25, ndcg: 0.3 },
});

/** A log with a clock that tests set. */
async function openLog(file: string, resumed?: { epochs: number; steps: number }, run = logged) {
  const stderr = new Sink();
  let ms = Date.UTC(2026, 0, 1);
  const log = await TrainingLog.open(file, run, { stderr: new Output(stderr), now: () => ms, resumed });
  const pass = (more: number): void => {
    ms += more;
  };
  return { log, stderr, pass };
}

const newFile = () => join(makeFolder(), 'log.jsonl');
const kindsOfLines = async (file: string) => (await readTrainingLog(file)).map(({ kind }) => kind);

/** Two epochs with a report each. */
async function writeRun(file: string): Promise<void> {
  const { log, pass } = await openLog(file);
  for (const epoch of [1, 2]) {
    log.onStep(progress(100 * (epoch - 1) + 10, epoch));
    pass(1000);
    log.onStep(progress(100 * (epoch - 1) + 60, epoch));
    log.onEpoch(record(epoch), progress(100 * epoch, epoch));
  }
}

describe('TrainingLog', () => {
  it('writes a line per run, per second and per epoch, with all that a plot needs', async () => {
    const file = newFile();
    await writeRun(file);
    const lines = await readTrainingLog(file);
    expect(lines.map(({ kind }) => kind)).toEqual(['run', 'report', 'epoch', 'report', 'epoch']);
    const [start, report, epoch] = lines;
    expect(new Set(lines.map(({ run }) => run)).size).toBe(1);
    expect(start).toMatchObject({ ...logged, time: '2026-01-01T00:00:00.000Z' });
    expect(report).toMatchObject({ epoch: 1, epochs: 2, step: 60, events: 480, eventsPerEpoch: 800 });
    expect(report).toMatchObject({ loss: 6.4, learningRate: 0.1, eventsPerSecond: 400 });
    expect(epoch).toMatchObject({ epoch: 1, step: 100, loss: 6, recall: 0.5, mrr: 0.25, ndcg: 0.3 });
  });

  it('writes at most one line of progress per second', async () => {
    const file = newFile();
    const { log, pass } = await openLog(file);
    for (let step = 1; step <= 30; step++) {
      log.onStep(progress(step));
      pass(100);
    }
    const lines = await readTrainingLog(file);
    expect(lines.flatMap((line) => (line.kind === 'report' ? [line.step] : []))).toEqual([11, 21]);
  });

  it.each([
    ['within the second epoch', { epochs: 1, steps: 130 }, ['run', 'report', 'epoch', 'resume']],
    ['after the second report', { epochs: 1, steps: 160 }, ['run', 'report', 'epoch', 'report', 'resume']],
    ['before the first epoch ended', { epochs: 0, steps: 100 }, ['run', 'report', 'resume']],
    ['at the start', { epochs: 0, steps: 0 }, ['run', 'resume']],
  ])('removes what a resumed run does again: %s', async (_name, resumed, left) => {
    const file = newFile();
    await writeRun(file);
    await openLog(file, resumed);
    expect(await kindsOfLines(file)).toEqual(left);
  });

  it('ends with the lines of an uninterrupted run, without those of a resumption', async () => {
    const file = newFile();
    await writeRun(file);
    const before = await readTrainingLog(file);
    // A kill cut the last line.
    appendFileSync(file, '{"kind":"repo');
    const { log } = await openLog(file, { epochs: 1, steps: 160 });
    log.onEpoch(record(2), progress(200, 2));
    const after = (await readTrainingLog(file)).filter(({ kind }) => kind !== 'resume');
    expect(after.map(({ time: _, ...line }) => line)).toEqual(before.map(({ time: _, ...line }) => line));
  });

  it('resumes only its own run', async () => {
    const file = newFile();
    await writeRun(file);
    await openLog(file, { epochs: 0, steps: 0 }, { ...logged, output: 'other' });
    expect(await kindsOfLines(file)).toEqual(['run', 'report', 'epoch', 'report', 'epoch', 'run']);
  });

  it.each([
    ['hello\n', ', line 1: expected a line of a training log, got no JSON'],
    ['{"kind":"x"}\n', /, line 1: "kind" expected .*, got "x"/],
    ['{"kind":"run","run":"a"}\n', ', line 1: "time" expected a string, got nothing'],
  ])('refuses a file that is not a log: %j', async (text, message) => {
    const file = newFile();
    writeFileSync(file, text);
    await expect(openLog(file)).rejects.toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('lets training go on when the log cannot be written any more, with one warning', async () => {
    const file = newFile();
    const { log, stderr } = await openLog(file);
    rmSync(file);
    mkdirSync(file);
    log.onEpoch(record(1), progress(100));
    log.onEpoch(record(2), progress(200));
    const warnings = stderr.text.match(/^Warning: the training log .* cannot be written any more .*$/gm);
    expect(warnings).toHaveLength(1);
  });
});
