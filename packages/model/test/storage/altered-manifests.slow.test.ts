import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { alteredJson } from '@gru4rec/test-support';
import { afterAll, describe, expect, it } from 'vitest';
import { manifestChecksum } from '../../src/storage/manifest.ts';
import { ModelError } from '../../src/storage/model-error.ts';
import { readSnapshot, readSnapshotHistory, saveSnapshot } from '../../src/storage/snapshot-folder.ts';
import { readModel } from '../../src/storage.node.ts';
import { train } from '../../src/training/train.ts';
import type { TrainingSnapshot } from '../../src/training/training-snapshot.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const root = mkdtempSync(join(tmpdir(), 'gru4rec-altered-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const engine = createWasmEngine();
const validation = tinyData(9).train;
const config = tinyConfig({ layers: [3], nEpochs: 3, patience: 3 });
const snapshots: TrainingSnapshot[] = [];
const save = async (snapshot: TrainingSnapshot): Promise<void> => void snapshots.push(snapshot);
const checkpoint = { every: { steps: 9 }, save };
const model = await train(tinyData(), config, { engine, validation, checkpoint });
await model.save(join(root, 'model'), { dataset: { checksum: 'c', directory: 'data' } });
await saveSnapshot(snapshots.at(-1) as TrainingSnapshot, join(root, 'snapshot'));
cpSync(join(root, 'model'), join(root, 'altered'), { recursive: true });
const written = (...names: string[]) => JSON.parse(readFileSync(join(root, ...names), 'utf8'));

/** Expects an error of one short line that names the file. */
function expectOneLine(error: unknown, file: string): void {
  expect(error).toBeInstanceOf(ModelError);
  const { message } = error as ModelError;
  expect(message.startsWith(`${file} `)).toBe(true);
  expect(message.length).toBeLessThan(file.length + 400);
  expect(message).not.toMatch(/\n|undefined|\[object/);
}

describe('readModel, with any model.json', () => {
  const file = join(root, 'altered', 'model.json');
  // config-fuzz tests each key of the configuration; here, other values in its place.
  const cases = [...alteredJson(written('model', 'model.json'), ['checksum', 'config'])];

  it('gives the stored values or names the file and position', async () => {
    let read = 0;
    for (const { label, value } of cases) {
      writeFileSync(
        file,
        JSON.stringify({ ...(value as object), checksum: manifestChecksum(value as object) }),
      );
      const result = await readModel(join(root, 'altered')).catch((error: unknown) => error);
      if (result instanceof Error) {
        expectOneLine(result, (result as ModelError).file);
        expect(result.message).toContain(join(root, 'altered'));
        continue;
      }
      read++;
      const { tensors, history } = result as typeof model;
      expect([label, tensors]).toEqual([label, model.tensors]);
      expect(JSON.stringify(history)).not.toMatch(/null|NaN/);
    }
    expect(read).toBeGreaterThan(10);
    expect(read).toBeLessThan(cases.length / 3);
  });

  it.each([
    ['[null]', [null], '"history.0" expected an object, got null'],
    ['[{}]', [{}], '"history.0.epoch" expected a number, got nothing'],
    ['{}', {}, '"history" expected a list, got {}'],
    ['a gap', [{ ...model.history[0], epoch: 3 }], '"history.0.epoch" expected 1, got 3'],
    [
      'a loss of text',
      [{ ...model.history[0], loss: 'NaN' }],
      '"history.0.loss" expected a number, got "NaN"',
    ],
  ])('refuses a history of %s', async (_, history, text) => {
    const value = { ...written('model', 'model.json'), history };
    writeFileSync(file, JSON.stringify({ ...value, checksum: manifestChecksum(value) }));
    await expect(readModel(join(root, 'altered'))).rejects.toThrow(`${file} ${text}. Copy or train it again`);
  });
});

describe('readSnapshotHistory, with any snapshot.json', () => {
  const file = join(root, 'parsed', 'snapshot.json');
  mkdirSync(join(root, 'parsed'));
  const parse = (text: string) => {
    writeFileSync(file, text);
    return readSnapshotHistory(join(root, 'parsed'));
  };
  const snapshot = written('snapshot', 'snapshot.json');
  const sealed = ({ checksum: _, ...content }: { checksum?: unknown }) => {
    const text = JSON.stringify(content);
    return JSON.stringify({ ...content, checksum: createHash('sha256').update(text).digest('hex') });
  };

  it('gives a consistent manifest or names the file and position', async () => {
    const cases = [...alteredJson(snapshot, ['checksum', 'config'])];
    let read = 0;
    for (const { value } of cases) {
      try {
        await parse(sealed(value as object));
        read++;
      } catch (error) {
        expectOneLine(error, file);
      }
    }
    expect(read).toBeGreaterThan(10);
    expect(read).toBeLessThan(cases.length / 3);
  });

  it.each([
    [['before', 'epochs'], 9, /"before.epochs" expected \d at most, as in "history", got 9/],
    [['steps'], 1, /"steps" expected \d+, as in "history" and "epoch", got 1/],
    [['epoch', 'epoch'], 1, /"epoch.epoch" expected \d, after "history", got 1/],
    [['batcher', 'epoch'], 7, /"batcher.epoch" expected \d, as in "epoch", got 7/],
    [['stopping', 'best', 'epoch'], 8, /"stopping.best.epoch" expected an epoch of "history", got 8/],
    [
      ['stopping', 'best', 'tensors'],
      [],
      /"stopping.best.tensors" expected those of "tensors" except states/,
    ],
  ])('refuses %j that contradicts other keys', async (path, value, text) => {
    const copy = structuredClone(snapshot);
    const last = path.at(-1) ?? '';
    path.slice(0, -1).reduce((part, key) => part[key], copy)[last] = value;
    await expect(parse(sealed(copy))).rejects.toThrow(text);
  });

  it('refuses a list nested too deeply for the stack', async () => {
    const text = `{"format":"gru4rec-snapshot","version":2,"tensors":${'['.repeat(1e5)}${']'.repeat(1e5)}}`;
    await expect(parse(text)).rejects.toThrow('snapshot.json is not JSON');
  });

  it('accepts the snapshots of a run', async () => {
    expect(snapshots.length).toBeGreaterThan(3);
    for (const [at, taken] of snapshots.entries()) {
      const folder = join(root, `snapshot-${at}`);
      await saveSnapshot(taken, folder);
      expect(await readSnapshot(folder)).toEqual(taken);
    }
  });
});
