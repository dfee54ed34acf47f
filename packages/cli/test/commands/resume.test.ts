import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { parseConfig, TrainingStopped } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/terminal/terminal.ts';
import { Checkpoints } from '../../src/training/checkpoints.ts';
import { trainModel } from '../../src/training/train-model.ts';
import { failing, ok, Sink } from '../run-trainer.ts';
import { tinyTraining, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const parameters = (output: string) => readFileSync(join(folder(), output, 'model.safetensors'));
const checkpointsOf = (output: string) => join(folder(), `${output}.checkpoints`);
/** @returns its standard error. */
const train = async (output: string, more = '', engine = 'wasm:wasm') =>
  (await ok(folder(), tinyTraining(output, `--threads 1 --engine ${engine}${more && ` ${more}`}`))).stderr;

const engine = createWasmEngine({ threads: 1 });

/** Leaves the checkpoint of a `train` that stopped after 120 steps. */
async function interrupt(output: string): Promise<void> {
  const config = parseConfig({ layers: [16], batchSize: 8, nSample: 32, learningRate: 0.1, nEpochs: 2 });
  const checkpoints = new Checkpoints(join(folder(), output), new Output(new Sink()));
  const stop = new AbortController();
  const run = trainModel(await readDataset(join(folder(), 'data')), config, {
    engine,
    stderr: new Output(new Sink()),
    signal: stop.signal,
    engineFacts: { threads: engine.threads, relaxed: engine.relaxed },
    checkpoint: {
      every: { steps: 40 },
      async save(snapshot) {
        await checkpoints.save(snapshot);
        if (snapshot.steps === 120) stop.abort('SIGTERM');
      },
    },
  });
  await expect(run).rejects.toThrow(TrainingStopped);
}

describe('trainer train --resume', () => {
  it('ends with the model of an uninterrupted run, and removes the checkpoints', async () => {
    await train('whole');
    await interrupt('halved');
    expect(readdirSync(checkpointsOf('halved')).sort()).toEqual(['step-000000080', 'step-000000120']);
    const stderr = await train('halved', '--resume');
    expect(stderr).toMatch(/^Resuming from the checkpoint of epoch \d, step \d+$/m);
    expect(parameters('halved').equals(parameters('whole'))).toBe(true);
    expect(existsSync(checkpointsOf('halved'))).toBe(false);
  });

  it('reports that there is no checkpoint, and trains from the beginning', async () => {
    expect(await train('fresh', '--resume')).toContain(
      'fresh.checkpoints has no intact checkpoint: training starts at the beginning\n',
    );
  });

  it('reports that a run is complete, without training again', async () => {
    await train('ended');
    await interrupt('ended');
    expect(await train('ended', '--resume')).toBe('This run has ended: the model is in ended\n');
    expect(existsSync(checkpointsOf('ended'))).toBe(false);
    const other = await failing(folder(), tinyTraining('ended', '--resume --set seed=9'));
    expect(other).toContain('holds a model already');
  });

  it('resumes on another engine with a warning', async () => {
    await interrupt('other');
    expect(await train('other', '--resume', 'reference')).toMatch(
      /^Resuming from .*\nWarning: The interrupted run had engine wasm, .*threads 1, now .*: the model will differ as by another seed$/m,
    );
  });
});

describe('trainer train with existing checkpoints', () => {
  it('starts over only with --overwrite', async () => {
    await interrupt('begun');
    expect(await failing(folder(), tinyTraining('begun'))).toBe(
      `${checkpointsOf('begun')} has checkpoints of an interrupted run. ` +
        'Add --resume to continue it, or --overwrite to start again\n',
    );
    await train('begun', '--overwrite --set seed=9');
    expect(existsSync(checkpointsOf('begun'))).toBe(false);
  });
});
