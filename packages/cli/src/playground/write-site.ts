import { existsSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SessionDataset } from '@gru4rec/dataset';
import { type ItemIds, ItemIdTable } from '@gru4rec/dataset/ids';
import { FeatureVocabulary, ITEM_INFO_FILE, ItemInfoTable } from '@gru4rec/dataset/items';
import { writeWeb } from '@gru4rec/formats';
import { alignItems, readModelItemInfo, type StoredModel } from '@gru4rec/model';
import {
  MANIFEST_FILE,
  type PackableSessions,
  type PackableSplits,
  packSessions,
  pageFolder,
  type SiteFeatures,
  type SiteManifest,
} from '@gru4rec/playground';
import { readDataset, readModel } from '../arguments/read-inputs.ts';

export interface SiteContents {
  readonly model: string | undefined;
  readonly data: string | undefined;
  readonly sessions: number;
}

const MODEL_FOLDER = 'model';
const SESSIONS_FILE = 'sessions.json';
const FEATURES_FILE = 'features.json';

export function checkPage(page: string = pageFolder): void {
  if (existsSync(join(page, 'index.html'))) return;
  throw new Error(
    `The page of the playground is not built. In a clone, run \`pnpm --filter @gru4rec/playground build\` once`,
  );
}

export async function writeSite(
  folder: string,
  { model, data, sessions }: SiteContents,
  page: string = pageFolder,
): Promise<void> {
  checkPage(page);
  await cp(page, folder, { recursive: true });
  if (model === undefined) return;
  const stored = await readModel(model);
  const info = await readModelItemInfo(model);
  const features = info && siteFeatures(stored, info);
  const manifest: SiteManifest = {
    name: basename(model),
    model: `${MODEL_FOLDER}/`,
    ...(features && { features: FEATURES_FILE }),
    ...(data !== undefined && { sessions: SESSIONS_FILE }),
  };
  if (data !== undefined) {
    const splits = siteSessions(stored.itemIds, await readDataset(data), sessions);
    await writeFile(join(folder, SESSIONS_FILE), packSessions(splits, stored.itemIds.length));
  }
  if (features) await writeFile(join(folder, FEATURES_FILE), JSON.stringify(features));
  await writeWeb(stored, join(folder, MODEL_FOLDER), { itemInfo: info });
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function siteFeatures(
  { vocabulary, itemIds, tensors }: StoredModel,
  info: Uint8Array,
): SiteFeatures | undefined {
  if (!vocabulary) return undefined;
  const known = FeatureVocabulary.fromJSON(vocabulary);
  const table = ItemInfoTable.of(info, ItemIdTable.of(itemIds), ITEM_INFO_FILE);
  const own = tensors.find(({ name }) => name === 'own.Wy');
  const rowOf = (item: number) => own?.values.subarray(item * own.cols, (item + 1) * own.cols);
  const items = Array.from({ length: itemIds.length }, (_, item) => known.encode(table.at(item)));
  return {
    names: Array.from({ length: known.size }, (_, feature) => known.name(feature)),
    items,
    // What no training has seen has an own row of zeros.
    cold: [...items.keys()].filter((item) => rowOf(item)?.every((value) => value === 0)),
  };
}

/** More held-out sessions take longer to evaluate in a page than they add to the figures. */
const MOST_HELD_OUT = 10_000;
const SHORTEST = 2;

/** The `most` latest sessions, with the model's item indices, without unknown items. */
export function siteSessions(itemIds: ItemIds, dataset: SessionDataset, most: number): PackableSplits {
  const { data } = alignItems(itemIds, dataset);
  const train = latest(knownOnly(data.train, itemIds.length), most);
  if (train.items.length === 0) {
    throw new Error(
      '--data expected sessions with items of the model, got none. Name the dataset that it was trained on',
    );
  }
  const [validation, test] = [data.validation, data.test].map(
    (split) => split && latest(knownOnly(split, itemIds.length), MOST_HELD_OUT),
  );
  return {
    train,
    validation: hasEvents(validation) ? validation : undefined,
    test: hasEvents(test) ? test : undefined,
  };
}

function hasEvents(split: PackableSessions | undefined): split is PackableSessions {
  return split !== undefined && split.items.length > 0;
}

function knownOnly(
  { sessionOffsets, items, sessionStartTimes }: PackableSessions,
  itemCount: number,
): PackableSessions {
  const [kept, offsets, times]: [number[], number[], number[]] = [[], [0], []];
  for (const [session, time] of sessionStartTimes.entries()) {
    const events = items.subarray(sessionOffsets[session], sessionOffsets[session + 1]);
    const known = events.filter((item) => item < itemCount);
    if (known.length < SHORTEST) continue;
    for (const item of known) kept.push(item);
    offsets.push(kept.length);
    times.push(time);
  }
  return {
    sessionOffsets: Int32Array.from(offsets),
    items: Int32Array.from(kept),
    sessionStartTimes: Float64Array.from(times),
  };
}

/** A dataset is sorted by start. */
function latest(sessions: PackableSessions, most: number): PackableSessions {
  const { sessionOffsets, items, sessionStartTimes } = sessions;
  const first = Math.max(0, sessionStartTimes.length - most);
  const start = sessionOffsets[first] ?? 0;
  return {
    sessionOffsets: sessionOffsets.subarray(first).map((offset) => offset - start),
    items: items.subarray(start),
    sessionStartTimes: sessionStartTimes.subarray(first),
  };
}
