import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '@gru4rec/program';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/storage/manifest.ts';
import { readSnapshot, readSnapshotHistory, saveSnapshot } from '../../src/storage/snapshot-folder.ts';
import type { TrainingSnapshot } from '../../src/training/training-snapshot.ts';
import { engine, engines, tinyConfig, tinyData, trainTiny } from '../tiny-data.ts';

const root = testFolder();

const config = tinyConfig({ patience: 2, nEpochs: 4, momentum: 0.2, layers: [6, 5], averageDecay: 0.5 });
const validation = tinyData(9).train;

async function lastSnapshot(engine: Engine): Promise<TrainingSnapshot> {
  let last: TrainingSnapshot | undefined;
  const save = async (snapshot: TrainingSnapshot): Promise<void> => {
    last = snapshot;
  };
  const options = { engine, validation, engineFacts: { threads: 2, relaxed: true } };
  await trainTiny(config, { ...options, checkpoint: { every: { steps: 11 }, save } });
  return last as TrainingSnapshot;
}

const snapshot = await lastSnapshot(engine);
const saved = join(root, 'saved');
await saveSnapshot(snapshot, saved);

/** A changed copy of the saved snapshot. */
async function damaged(change: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = await mkdtemp(join(root, 'damaged-'));
  await cp(saved, folder, { recursive: true });
  await change(folder);
  return folder;
}

/** Changes snapshot.json and its checksum. */
async function edit(folder: string, change: (manifest: Record<string, unknown>) => void): Promise<void> {
  const file = join(folder, 'snapshot.json');
  const { checksum: _, ...manifest } = JSON.parse(await readFile(file, 'utf8'));
  change(manifest);
  const checksum = createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
  await writeFile(file, JSON.stringify({ ...manifest, checksum }));
}

describe('saveSnapshot and readSnapshot', () => {
  it.each(engines)('restore a complete snapshot of the engine %s', async (name, engine) => {
    const made = await lastSnapshot(engine);
    const folder = join(root, name);
    await saveSnapshot(made, folder);
    expect(await readSnapshot(folder)).toEqual(made);
    expect(made.stopping?.best?.tensors.length).toBeGreaterThan(0);
    expect(made.average?.tensors.length).toBeGreaterThan(0);
    const kinds = new Set(made.tensors.map((t) => t.kind));
    expect(kinds).toEqual(new Set(['parameter', 'table', 'slot', 'state']));
    const wanted = name === 'wasm' ? Float32Array : Float64Array;
    expect(made.tensors.every((t) => t.values instanceof wanted)).toBe(true);
  });

  it('restore one without patience, before the first step', async () => {
    const snapshots: TrainingSnapshot[] = [];
    const save = async (made: TrainingSnapshot): Promise<void> => void snapshots.push(made);
    const options = { signal: AbortSignal.abort(), checkpoint: { every: {}, save } };
    await trainTiny({}, options).catch(() => {});
    const folder = join(root, 'first');
    await saveSnapshot(snapshots[0] as TrainingSnapshot, folder);
    expect(await readSnapshot(folder)).toEqual(snapshots[0]);
  });

  it.each([
    [
      'a foreign folder',
      (f: string) => writeFile(join(f, 'snapshot.json'), '{"format":"x"}'),
      /snapshot\.json is not a snapshot of training: "format" expected gru4rec-snapshot/,
    ],
    [
      'a wrong key',
      (f: string) => edit(f, (m) => Object.assign(m, { steps: -1 })),
      /snapshot\.json "steps" expected a number >=0, got -1\. Copy or train it again$/,
    ],
  ])('refuse %s, naming the file', async (_name, change, text) => {
    const folder = await damaged(change as (folder: string) => Promise<unknown>);
    await expect(readSnapshot(folder)).rejects.toThrow(ModelError);
    await expect(readSnapshot(folder)).rejects.toThrow(text);
  });

  it.each(['snapshot.json', 'tensors.safetensors', 'items.arrow'])('refuse a changed %s', async (name) => {
    const folder = await damaged(async (f) => {
      const bytes = await readFile(join(f, name));
      bytes[bytes.length >> 1] = 1 + Number(bytes[bytes.length >> 1]);
      await writeFile(join(f, name), bytes);
    });
    await expect(readSnapshot(folder)).rejects.toMatchObject({
      name: 'ModelError',
      file: join(folder, name),
    });
  });
});

describe('readSnapshotHistory', () => {
  it('reads only the finished epochs', async () => {
    const folder = await damaged((f) => rm(join(f, 'tensors.safetensors')));
    expect(await readSnapshotHistory(folder)).toEqual(snapshot.history);
    expect(snapshot.history.length).toBeGreaterThan(1);
  });
});
