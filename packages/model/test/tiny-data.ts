import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contextWidth, describeBlock, type SessionArrays, sliceSessions } from '@gru4rec/batcher';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { tinySessions } from '@gru4rec/test-support';
import { type ModelConfig, parseConfig } from '../src/config.ts';
import { type Gru4Rec, loadModel } from '../src/gru4rec.ts';
import { valuesOf } from '../src/storage/tensors.ts';
import type { EpochRecord } from '../src/training/epoch-record.ts';
import { train } from '../src/training/train.ts';
import type { TrainOptions } from '../src/training/train-options.ts';
import type { SessionsInMemory, TrainingData } from '../src/training/training-data.ts';
import type { TrainingSnapshot } from '../src/training/training-snapshot.ts';

export const engine = createWasmEngine({ threads: 1 });
export const reference = createReferenceEngine();
export const engines = [
  ['wasm', engine],
  ['reference', reference],
] as const;

export type Data = TrainingData & { readonly itemIds: readonly string[]; readonly train: SessionsInMemory };

/** A seeded dataset of 40 sessions over 30 items. */
export function tinyData(seed = 3): Data {
  const { itemIds, support, ...train } = tinySessions({ sessions: 40, items: 30, seed });
  return { itemIds, support, train };
}

/** Training data of sessions of these items, in the order of their times. */
export function dataOf(itemIds: readonly string[], sessions: readonly (readonly string[])[]): Data {
  const items = Int32Array.from(sessions.flat(), (id) => itemIds.indexOf(id));
  const support = new Int32Array(itemIds.length);
  for (const item of items) support[item] = 1 + Number(support[item]);
  let end = 0;
  const ends = sessions.map(({ length }) => (end += length));
  const sessionOffsets = Int32Array.of(0, ...ends);
  return { itemIds, support, train: { sessionOffsets, items, sessionStartTimes: Float64Array.from(ends) } };
}

/** A model that trains in milliseconds. */
export function tinyConfig(values: object = {}): ModelConfig {
  return parseConfig({ layers: [12], batchSize: 6, nSample: 16, nEpochs: 2, learningRate: 0.1, ...values });
}

type Options = Partial<TrainOptions>;

/** Trains a model of `tinyConfig`. */
export const trainOn = (data: TrainingData, values: object = {}, options: Options = {}): Promise<Gru4Rec> =>
  train(data, tinyConfig(values), { engine, ...options });

export const trainTiny = (values: object = {}, options: Options = {}): Promise<Gru4Rec> =>
  trainOn(tinyData(), values, options);

/** A whole run, and the snapshots that it saved every `steps` steps. */
export async function trainWatched(
  data: TrainingData,
  values: object,
  options: Options = {},
  steps = 7,
): Promise<{ model: Gru4Rec; snapshots: [TrainingSnapshot, ...TrainingSnapshot[]] }> {
  const taken: TrainingSnapshot[] = [];
  const save = async (snapshot: TrainingSnapshot): Promise<void> => void taken.push(snapshot);
  const model = await trainOn(data, values, { ...options, checkpoint: { every: { steps }, save } });
  const [first, ...others] = taken;
  if (!first) throw new RangeError('expected a snapshot');
  return { model, snapshots: [first, ...others] };
}

/** A model after it was saved and loaded. */
export async function reloaded(model: Gru4Rec): Promise<Gru4Rec> {
  const folder = await mkdtemp(join(tmpdir(), 'gru4rec-model-'));
  await model.save(join(folder, 'model'));
  const loaded = await loadModel(join(folder, 'model'), { engine });
  await rm(folder, { recursive: true });
  return loaded;
}

export const tensorOf = ({ tensors }: Pick<Gru4Rec, 'tensors'>, name: string): Float32Array =>
  valuesOf(tensors, name);

/** The epochs of a run without what its speed decides. */
export const timeless = (history: readonly EpochRecord[]) =>
  history.map(({ seconds: _, stepsPerSecond: __, eventsPerSecond: ___, ...counts }) => counts);

/** The same dataset in blocks of `perBlock` sessions: in memory, and read block by block. */
export function inBlocks(
  data: Data,
  perBlock: number,
  onRead: (block: number) => void | Promise<void> = () => undefined,
): { inMemory: Data; onDisk: TrainingData } {
  const sessions = data.train.sessionOffsets.length - 1;
  const parts = Array.from({ length: Math.ceil(sessions / perBlock) }, (_, block) =>
    sliceSessions(data.train, block * perBlock, Math.min(sessions, (block + 1) * perBlock)),
  );
  const named = { blocks: parts.map(describeBlock), checksum: 'ab'.repeat(32) };
  const read = async (index: number): Promise<SessionArrays> => {
    await onRead(index);
    return structuredClone(parts[index] as SessionArrays);
  };
  return {
    inMemory: { ...data, train: { ...named, ...data.train } },
    onDisk: { ...data, train: { ...named, inTimeOrder: true, contextWidth: contextWidth(data.train), read } },
  };
}
