import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { mapMetrics } from '@gru4rec/metrics';
import { type EpochRecord, parseConfig, TrainingStopped } from '@gru4rec/model';
import { readDataset } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/terminal/terminal.ts';
import { Checkpoints } from '../../src/training/checkpoints.ts';
import { trainModel } from '../../src/training/train-model.ts';
import { readTrainingLog, TrainingLog, type TrainingLogLine } from '../../src/training/training-log.ts';
import { Sink } from '../run-trainer.ts';
import { streamSessions, trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation', '2d');
const inFolder = (name: string) => join(folder(), name);
const parameters = (output: string) => readFileSync(join(folder(), output, 'model.safetensors'));
const history = (output: string): EpochRecord[] =>
  JSON.parse(readFileSync(join(folder(), output, 'model.json'), 'utf8')).history;
const train = (output: string, ...more: string[]) =>
  trainTiny(folder(), output, '--threads', '1', '--engine', 'wasm:wasm', ...more);

describe('trainer train with a validation split', () => {
  it('reports recall and MRR of the same sessions with each epoch, also with streamed sessions', async () => {
    const { code, stderr } = await train('watched');
    expect(code).toBe(0);
    expect(stderr.match(/^epoch \d .* validation recall@20 0\.\d{4} MRR 0\.\d{4}/gm)).toHaveLength(2);
    expect(stderr).toMatch(/^Validation after each epoch: \d+ sessions$/m);
    streamSessions();
    expect((await train('streamed')).stderr).toContain('sessions streamed from disk');
    const figures = (records: EpochRecord[]) => records.map(({ loss, validation }) => ({ loss, validation }));
    expect(figures(history('streamed'))).toEqual(figures(history('watched')));
    expect(parameters('streamed').equals(parameters('watched'))).toBe(true);
  });
});

/** Leaves the checkpoint and the log of a `train` that was killed some steps after its last checkpoint. */
async function interrupt(output: string, file: string): Promise<void> {
  const config = parseConfig({ layers: [16], batchSize: 8, nSample: 32, learningRate: 0.1, nEpochs: 2 });
  const stderr = new Output(new Sink());
  const checkpoints = new Checkpoints(inFolder(output), stderr);
  const stop = new AbortController();
  const dataset = await readDataset(inFolder('data'));
  const engine = createWasmEngine({ threads: 1 });
  const facts = { threads: engine.threads, relaxed: engine.relaxed };
  const logged = {
    ...{ version: '0', output, items: dataset.itemIds.length, engine: facts, config: { ...config } },
    dataset: { directory: 'data', checksum: dataset.manifest.checksum },
  };
  const log = await TrainingLog.open(inFolder(file), logged, { stderr });
  const run = trainModel(dataset, config, {
    ...{ engine, stderr, engineFacts: facts, log, signal: stop.signal },
    monitored: 1000,
    checkpoint: {
      every: { steps: 20 },
      async save(snapshot) {
        // As a kill in the second epoch, with the last checkpoint in the first.
        if (snapshot.steps <= 60) await checkpoints.save(snapshot);
        if (snapshot.history.length === 1 && snapshot.epoch.steps > 0) stop.abort('SIGTERM');
      },
    },
  });
  await expect(run).rejects.toThrow(TrainingStopped);
}

const timeless = (lines: readonly TrainingLogLine[]) =>
  lines.flatMap((line) => (line.kind === 'epoch' ? [{ ...line, run: 0, time: 0, ...rates }] : []));
const rates = { seconds: 0, stepsPerSecond: 0, eventsPerSecond: 0 };

describe('trainer train --log', () => {
  it('writes the run and its epochs', async () => {
    expect((await train('logged', '--log', 'logged.jsonl')).code).toBe(0);
    const lines = await readTrainingLog(inFolder('logged.jsonl'));
    expect(lines.map(({ kind }) => kind).filter((kind) => kind !== 'report')).toEqual([
      ...['run', 'epoch', 'epoch'],
    ]);
    expect(lines[0]).toMatchObject({ output: 'logged', config: { layers: [16], nEpochs: 2 } });
    const epochs = lines.filter((line) => line.kind === 'epoch');
    const records = history('logged');
    expect(epochs.map((line) => ({ loss: line.loss, ...mapMetrics((name) => line[name]) }))).toEqual(
      records.map(({ loss, validation }) => ({ loss, ...validation })),
    );
    expect(epochs.at(-1)).toMatchObject({ epoch: 2, epochs: 2, learningRate: 0.1 });
    expect(epochs.at(-1)?.step).toBe(records.reduce((sum, { steps }) => sum + steps, 0));
  });

  it('goes on with --resume without duplicates', async () => {
    expect((await train('whole', '--log', 'whole.jsonl')).code).toBe(0);
    await interrupt('halved', 'halved.jsonl');
    expect((await readTrainingLog(inFolder('halved.jsonl'))).some(({ kind }) => kind === 'epoch')).toBe(true);
    expect(await train('halved', '--log', 'halved.jsonl', '--resume')).toMatchObject({ code: 0 });
    expect(parameters('halved').equals(parameters('whole'))).toBe(true);
    const [whole, halved] = await Promise.all(
      ['whole.jsonl', 'halved.jsonl'].map((name) => readTrainingLog(inFolder(name))),
    );
    expect(timeless(halved ?? [])).toEqual(timeless(whole ?? []));
    expect(new Set(halved?.map(({ run }) => run)).size).toBe(1);
    expect(halved?.filter(({ kind }) => kind === 'resume')).toHaveLength(1);
  });
});
