import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBaseline } from '@gru4rec/baselines';
import { readDataset, type SessionChunk, writeDataset } from '@gru4rec/dataset';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { Gru4Rec, train } from '@gru4rec/model';
import { saveRecommender } from '@gru4rec/recommender';
import { createChosenEngine } from '../engine-choice.ts';
import { makeEventLog, type Sessions, toTable, trainingDataOf } from '../event-log.ts';
import type { ReplayLog } from '../load/replay.ts';
import { growTable } from './grow-table.ts';

export interface ServedSize {
  readonly items: number;
  readonly units: number;
  readonly events: number;
  /** Number of items of the log, if the model's other items are made of these. */
  readonly clicked?: number;
  readonly mixed?: boolean;
}

const HELD_OUT = 20_000;

/** Later runs use the folder again. One epoch gives scores of a trained model's shape but not its accuracy. */
export async function servedFolders(
  { items, units, events, clicked = items, mixed = false }: ServedSize,
  folder: string = join(tmpdir(), 'gru4rec-benchmark-serve'),
): Promise<{ readonly model: string; readonly data: string }> {
  const place = join(folder, `${items}x${units}-${events}${mixed ? '-mixed' : ''}`);
  const folders = { model: join(place, 'model'), data: join(place, 'data') };
  // The model is written last, and completely or not at all.
  if (existsSync(folders.model)) return folders;
  mkdirSync(place, { recursive: true });
  const log = makeEventLog({ items: clicked, events, heldOut: Math.min(HELD_OUT, Math.ceil(events / 10)) });
  const data = trainingDataOf(log);
  const splits = { train: [chunkOf(log.train)], test: [chunkOf(log.test)] };
  await writeDataset(folders.data, { items: [data], splits }, { overwrite: true });
  const nSample = Math.min(512, clicked);
  const config = { layers: [units], nSample, nEpochs: 1, seed: 1, constrainedEmbedding: true };
  const trained = await train(data, config, { engine: createChosenEngine({}) });
  const model = items > clicked ? grown(trained, items) : trained;
  if (mixed) {
    const recommenders = [model, createBaseline('v-sknn', data)];
    const parts = recommenders.map((recommender) => ({ recommender, weight: 0.5 }));
    await saveRecommender({ name: 'GRU4Rec + V-SKNN', itemIds: data.itemIds, parts }, folders.model);
  } else await model.save(folders.model);
  model.dispose();
  return folders;
}

/** A model of more items, whose rows and biases are made of the trained ones. */
function grown(model: Gru4Rec, items: number): Gru4Rec {
  const { itemIds, config, history } = model;
  const table = model.tensors.find(({ name }) => name === 'Wy');
  if (!table) throw new RangeError('grown: expected a model with constrained embedding');
  const { values, from } = growTable(table.values, table.cols, items, 1);
  const tensors = model.tensors.map((tensor) => {
    const { rows, cols } = tensor;
    if (tensor === table) return { ...tensor, rows: items, values };
    if (rows !== table.rows) return tensor;
    const own = new Float32Array(items * cols);
    from.forEach((of, row) => void own.set(tensor.values.subarray(of * cols, (of + 1) * cols), row * cols));
    return { ...tensor, rows: items, values: own };
  });
  const ids = Array.from({ length: items }, (_, item) => itemIds.at(item) ?? `made-${item}`);
  const engine = createChosenEngine({});
  return new Gru4Rec({ config, history, engine, itemIds: ItemIdTable.from(ids), tensors });
}

function chunkOf(sessions: Sessions): SessionChunk {
  const table = toTable(sessions);
  const times = BigInt64Array.from(sessions.flatMap((session, row) => session.map(() => BigInt(row))));
  return { ...table, sessionIds: Array.from(sessions, (_, row) => String(row)), times };
}

export async function readReplayLog(directory: string): Promise<ReplayLog> {
  const { itemIds, test, train } = await readDataset(directory);
  return { ...(test ?? train), itemIds };
}
