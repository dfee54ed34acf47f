import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { parseConfig, type TrainingSnapshot } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/terminal/terminal.ts';
import { Checkpoints } from '../../src/training/checkpoints.ts';
import { makeFolder, Sink } from '../run-trainer.ts';

/** A snapshot after `steps` steps and `epochs` complete epochs. */
function snapshotOf(steps: number, epochs = 0, best?: number): TrainingSnapshot {
  const record = { loss: 1, seconds: 1, steps: 5, events: 10, stepsPerSecond: 10, eventsPerSecond: 10 };
  const table = { name: 'Wy', kind: 'table', rows: 1, cols: 1, values: Float32Array.of(steps) } as const;
  return {
    config: parseConfig({}),
    itemIds: ItemIdTable.from(['a']),
    data: 'd',
    engine: { engine: 'wasm' },
    before: { epochs: 0, steps: 0 },
    history: Array.from({ length: epochs }, (_, i) => ({ epoch: i + 1, ...record })),
    steps,
    zeroLoss: { steps: 0, events: 0, lossSum: 0 },
    epoch: { epoch: epochs + 1, steps: steps - 5 * epochs, events: 0, lossSum: 0, seconds: 0 },
    batcher: { epoch: epochs, step: 0, nextSession: 0, slots: [null] },
    tensors: [table],
    ...(best
      ? { stopping: { epochsSince: epochs - best, best: { epoch: best, value: 1, tensors: [table] } } }
      : {}),
  };
}

function inFolder() {
  const output = join(makeFolder(), 'model');
  const directory = `${output}.checkpoints`;
  const stderr = new Sink();
  const names = () => (existsSync(directory) ? readdirSync(directory).sort() : undefined);
  return { output, directory, stderr, names, checkpoints: new Checkpoints(output, new Output(stderr)) };
}

describe('Checkpoints', () => {
  it('keeps the last two', async () => {
    const { checkpoints, names } = inFolder();
    for (const steps of [5, 10, 15, 1_234]) await checkpoints.save(snapshotOf(steps));
    expect(names()).toEqual(['step-000000015', 'step-000001234']);
  });

  it('also keeps the first one after the best epoch', async () => {
    const { checkpoints, names } = inFolder();
    const save = async (...rows: Parameters<typeof snapshotOf>[]) => {
      for (const row of rows) await checkpoints.save(snapshotOf(...row));
    };
    await save([5, 0], [10, 1, 1], [15, 1, 1], [20, 2, 1], [25, 2, 1]);
    expect(names()).toEqual(['step-000000010', 'step-000000020', 'step-000000025']);
    await save([30, 3, 3], [35, 4, 3], [40, 4, 3]);
    expect(names()).toEqual(['step-000000030', 'step-000000035', 'step-000000040']);
  });

  it('counts the steps of earlier training', async () => {
    const { checkpoints, names } = inFolder();
    await checkpoints.save({ ...snapshotOf(5), before: { epochs: 1, steps: 100 } });
    expect(names()).toEqual(['step-000000105']);
  });

  it('reads the newest', async () => {
    const { checkpoints, stderr } = inFolder();
    expect(await checkpoints.newest()).toBeUndefined();
    for (const steps of [900_000_000, 1_000_000_000, 999_999_999]) await checkpoints.save(snapshotOf(steps));
    expect(await checkpoints.newest()).toEqual(snapshotOf(1_000_000_000));
    expect(stderr.text).toBe('');
  });

  it('skips damaged ones with a warning, and replaces them', async () => {
    const { checkpoints, directory, stderr } = inFolder();
    for (const steps of [5, 10, 15]) await checkpoints.save(snapshotOf(steps));
    truncateSync(join(directory, 'step-000000015', 'tensors.safetensors'), 1);
    expect(await checkpoints.newest()).toEqual(snapshotOf(10));
    rmSync(join(directory, 'step-000000010', 'snapshot.json'));
    stderr.text = '';
    expect(await checkpoints.newest()).toBeUndefined();
    const skipped = 'Warning: a checkpoint is skipped: ';
    expect(stderr.text).toMatch(
      new RegExp(
        `^${skipped}.*15.tensors\\.safetensors expected 76 bytes, got 1.*\n${skipped}.*10.snapshot\\.json cannot be read.*\n$`,
      ),
    );
    for (const steps of [10, 15]) await checkpoints.save(snapshotOf(steps));
    expect(await checkpoints.newest()).toEqual(snapshotOf(15));
  });

  it('does not replace a complete one of the same step', async () => {
    const { checkpoints, directory } = inFolder();
    await checkpoints.save(snapshotOf(5));
    const file = join(directory, 'step-000000005', 'snapshot.json');
    const before = readFileSync(file, 'utf8');
    await checkpoints.save({ ...snapshotOf(5), lastFiniteLoss: 3 });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('does not count later damaged ones as kept', async () => {
    const { checkpoints, directory, names } = inFolder();
    mkdirSync(join(directory, 'step-000000099'), { recursive: true });
    for (const steps of [5, 10, 15]) await checkpoints.save(snapshotOf(steps));
    expect(names()).toEqual(['step-000000010', 'step-000000015', 'step-000000099']);
  });

  it('removes only its own files, incomplete checkpoints included', async () => {
    const { checkpoints, directory, names } = inFolder();
    await checkpoints.remove();
    await checkpoints.save(snapshotOf(5));
    mkdirSync(join(directory, '.step-000000010.123@host.abcdef'));
    await checkpoints.remove();
    expect(names()).toBeUndefined();
    await checkpoints.save(snapshotOf(5));
    writeFileSync(join(directory, 'mine.txt'), '');
    await checkpoints.remove();
    expect(names()).toEqual(['mine.txt']);
  });

  it('names an unreadable folder', async () => {
    const { checkpoints, directory } = inFolder();
    writeFileSync(directory, '');
    await expect(checkpoints.newest()).rejects.toThrow(`The checkpoints ${directory} cannot be read`);
  });
});
