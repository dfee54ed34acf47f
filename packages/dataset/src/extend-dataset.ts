import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pickSessions, sliceSessions } from '@gru4rec/batcher';
import { ItemIdTable } from './ids/index.ts';
import type { ItemInfoSource } from './item-info-file.ts';
import { ITEM_INFO_FILE } from './items/index.ts';
import {
  type ContextColumn,
  copyChecked,
  type DatasetManifest,
  MOST_CONTEXT_VALUES,
  OTHER_VALUES,
  recordFor,
  type SplitName,
  splitNames,
} from './manifest.ts';
import { readItemChunks, readItems, readManifest, readSessionChunks } from './read-dataset.ts';
import { countItems, type ItemChunk, type SessionChunk } from './table.ts';
import {
  collected,
  type WrittenSplit,
  withMoreItems,
  writeItemInfo,
  writeItems,
  writeManifest,
  writeSplit,
} from './write-dataset.ts';

/** Whether a session stays in a dataset. @param end - time of its last event, in milliseconds since 1970 UTC. */
export type SessionFilter = (sessionId: string, end: number) => boolean;

/** Times of the last events of the sessions of a chunk. */
export function* sessionEnds({ sessionOffsets, times }: SessionChunk): Generator<number> {
  for (const offset of sessionOffsets.subarray(1)) yield Number(times[offset - 1]);
}

/** A dataset, what is added to it and what is removed from it. */
export interface Extension {
  readonly base: string;
  /** Folder of a dataset whose training sessions are added; its other splits are ignored. */
  readonly more?: string | undefined;
  /** Ids of items to append after all others, with support 0; known ones are ignored. */
  readonly catalogue?: AsyncIterable<readonly string[]> | undefined;
  /** Says which sessions of each split of `base` stay; all do if not given. */
  readonly isKept?: SessionFilter | undefined;
  /** JSON, stored in the manifest. */
  readonly preparation: unknown;
  /** Replaces `item-info.jsonl` of `base`, which is copied if not given. */
  readonly itemInfo?: ItemInfoSource | undefined;
  /** The events so far, after every chunk of sessions. */
  readonly onEvents?: (events: number) => void;
}

/**
 * Writes a dataset with additional training sessions and without removed ones, merged by start, those of `base` first. New
 * items are appended; none leaves. A split that loses all of its sessions is left out, except training. The sessions of both
 * must be in order of their starts; memory holds a chunk of each, and the items of `more`. For use with `replaceDataset`.
 * @throws DataError naming a file of either dataset that is damaged.
 */
export async function extendDatasetFiles(folder: string, extension: Extension): Promise<DatasetManifest> {
  const { base, more, preparation, itemInfo: source, catalogue } = extension;
  const manifest = await readManifest(base);
  const added = more === undefined ? undefined : { directory: more, manifest: await readManifest(more) };
  const kept = await keptSupport(extension, manifest);
  const { index, items: extended } = await mapItems(readItemChunks(base, manifest), added, kept);
  const itemIds = new ItemIdTable();
  const collecting = source ? collected(extended, itemIds) : extended;
  const chunks = catalogue ? withMoreItems(extended, catalogue, itemIds) : collecting;
  const items = await writeItems(folder, chunks);
  const splits: Partial<Record<SplitName, WrittenSplit>> = {};
  const merged = mergeContext(manifest.contextColumns ?? [], added?.manifest.contextColumns ?? []);
  const contextColumns = manifest.contextColumns && merged.columns;
  const sessions = joined(extension, manifest, added, { index, merged });
  splits.train = await writeSplit(folder, 'train', sessions, contextColumns);
  for (const name of splitNames) {
    if (manifest.counts.splits[name] === undefined || name === 'train') continue;
    const written = await writeHeldOut(folder, name, extension, manifest);
    if (written) splits[name] = written;
  }
  const itemInfo = source ? await writeItemInfo(folder, source(itemIds)) : manifest.itemInfo;
  if (!source && itemInfo) await copyChecked(base, ITEM_INFO_FILE, itemInfo, folder);
  return writeManifest(folder, { items, splits, preparation, itemInfo, contextColumns });
}

interface Added {
  readonly directory: string;
  readonly manifest: DatasetManifest;
}

/** Splits other than `train`. @returns undefined if no session stays. */
async function writeHeldOut(
  folder: string,
  name: SplitName,
  { base, isKept }: Extension,
  manifest: DatasetManifest,
): Promise<WrittenSplit | undefined> {
  const file = `${name}.arrow`;
  const record = recordFor(manifest, file);
  if (isKept) {
    const kept = selectSessions(readSessionChunks(base, manifest, name), isKept);
    const written = await writeSplit(folder, name, kept, manifest.contextColumns);
    if (written.counts.sessions > 0) return written;
    await rm(join(folder, file));
    return undefined;
  }
  await copyChecked(base, file, record, folder);
  return { record, counts: manifest.counts.splits[name] ?? { sessions: 0, events: 0 } };
}

/** [items of `base`], the training events of sessions that stay; undefined if all do. */
async function keptSupport(
  { base, isKept }: Extension,
  manifest: DatasetManifest,
): Promise<Int32Array | undefined> {
  if (!isKept) return undefined;
  const kept = new Int32Array(manifest.counts.items);
  const sessions = readSessionChunks(base, manifest, 'train');
  for await (const { items } of selectSessions(sessions, isKept)) countItems(items, kept);
  return kept;
}

async function* joined(
  { base, isKept, onEvents }: Extension,
  manifest: DatasetManifest,
  added: Added | undefined,
  numbers: Numbers,
): AsyncGenerator<SessionChunk> {
  let events = 0;
  const all = readSessionChunks(base, manifest, 'train');
  const old = isKept ? selectSessions(all, isKept) : all;
  for await (const chunk of inOrder(old, renumbered(added, numbers))) {
    yield chunk;
    events += chunk.items.length;
    onEvents?.(events);
  }
}

interface Numbers {
  readonly index: Int32Array;
  readonly merged: MergedColumns;
}

async function* renumbered(
  added: Added | undefined,
  { index, merged }: Numbers,
): AsyncGenerator<SessionChunk> {
  if (added === undefined) return;
  for await (const { context, ...chunk } of readSessionChunks(added.directory, added.manifest, 'train')) {
    const items = chunk.items.map((item) => index[item] ?? -1);
    const isKept = context !== undefined && merged.columns.length > 0;
    yield { ...chunk, items, context: isKept ? merged.renumber(context) : undefined };
  }
}

interface ItemMapping {
  /** [added items], by their number in the extended dataset. Complete once `items` were read. */
  readonly index: Int32Array;
  readonly items: AsyncGenerator<ItemChunk>;
}

/** @param kept - [old items], their support without what leaves; all of it if not given. */
async function mapItems(
  old: AsyncIterable<ItemChunk>,
  added: Added | undefined,
  kept: Int32Array | undefined,
): Promise<ItemMapping> {
  const { itemIds: ids, support: more } = added
    ? await readItems(added.directory, added.manifest)
    : { itemIds: new ItemIdTable(), support: new Int32Array(0) };
  const index = new Int32Array(ids.length).fill(-1);
  async function* items(): AsyncGenerator<ItemChunk> {
    let count = 0;
    for await (const { itemIds, support } of old) {
      const sums = support.map((events, at) => kept?.[count + at] ?? events);
      let at = 0;
      for (const id of itemIds) {
        const item = ids.indexOf(id);
        if (item >= 0) {
          sums[at] = (sums[at] ?? 0) + (more[item] ?? 0);
          index[item] = count + at;
        }
        at++;
      }
      yield { itemIds, support: sums };
      count += at;
    }
    const fresh = [...index.keys()].filter((item) => index[item] === -1);
    for (const [at, item] of fresh.entries()) index[item] = count + at;
    yield {
      itemIds: fresh.map((item) => ids.at(item) ?? ''),
      support: Int32Array.from(fresh, (item) => more[item] ?? 0),
    };
  }
  return { index, items: items() };
}

/** The columns of a dataset to which events with other indices are added. */
interface MergedColumns {
  readonly columns: readonly ContextColumn[];
  /** From the indices of `columns` (fresh). */
  readonly renumber: (context: Int32Array) => Int32Array;
}

/**
 * New values follow, up to `MOST_CONTEXT_VALUES`; others become `OTHER_VALUES` where the dataset has it, else none. Columns
 * that the dataset lacks are left out; types are types by any name.
 */
export function mergeContext(
  columns: readonly ContextColumn[],
  added: readonly ContextColumn[],
): MergedColumns {
  const merged = columns.map((column) => {
    const { name, values, isType } = column;
    const from = added.findIndex((other) => other.name === name || (isType && other.isType));
    const all = [...values];
    const index = new Map(all.map((value, at) => [value, at]));
    const numbers = (added[from]?.values ?? []).map((value) => {
      const known = index.get(value);
      if (known !== undefined) return known;
      if (all.length >= MOST_CONTEXT_VALUES) return index.get(OTHER_VALUES) ?? -1;
      index.set(value, all.length);
      return all.push(value) - 1;
    });
    return { column: { ...column, values: all }, from, numbers };
  });
  const renumber = (context: Int32Array): Int32Array => {
    const events = added.length === 0 ? 0 : context.length / added.length;
    const renumbered = new Int32Array(events * columns.length).fill(-1);
    for (let event = 0; event < events; event++) {
      for (const [to, { from, numbers }] of merged.entries()) {
        const value = from < 0 ? -1 : (context[event * added.length + from] ?? -1);
        if (value >= 0) renumbered[event * columns.length + to] = numbers[value] ?? -1;
      }
    }
    return renumbered;
  };
  return { columns: merged.map(({ column }) => column), renumber };
}

async function* selectSessions(
  chunks: AsyncIterable<SessionChunk>,
  isKept: SessionFilter,
): AsyncGenerator<SessionChunk> {
  for await (const chunk of chunks) {
    const ends = [...sessionEnds(chunk)];
    const selected = [...ends.keys()].filter((session) =>
      isKept(chunk.sessionIds[session] ?? '', ends[session] ?? 0),
    );
    if (selected.length === ends.length) yield chunk;
    else if (selected.length > 0) yield pickSessions(chunk, selected);
  }
}

/** Merges sessions by start; at equal starts, those of the first stream come first. */
export async function* inOrder(
  first: AsyncGenerator<SessionChunk>,
  second: AsyncGenerator<SessionChunk>,
): AsyncGenerator<SessionChunk> {
  const [a, b] = [new Stream(first), new Stream(second)];
  try {
    await a.fill();
    await b.fill();
    while (a.chunk || b.chunk) {
      // All sessions of one stream that precede the next one of the other.
      yield b.start < a.start ? b.take((start) => start < a.start) : a.take((start) => start <= b.start);
      await a.fill();
      await b.fill();
    }
  } finally {
    // Closes the files if the caller stops reading.
    await first.return(undefined);
    await second.return(undefined);
  }
}

class Stream {
  readonly #chunks: AsyncGenerator<SessionChunk>;
  chunk: SessionChunk | undefined;
  #at = 0;

  constructor(chunks: AsyncGenerator<SessionChunk>) {
    this.#chunks = chunks;
  }

  /** The start of the next session; later than any at the end. */
  get start(): bigint {
    return this.chunk ? this.#startOf(this.#at) : 2n ** 63n;
  }

  async fill(): Promise<void> {
    while (!this.chunk || this.#at === this.chunk.sessionIds.length) {
      const { value, done } = await this.#chunks.next();
      this.chunk = done ? undefined : value;
      this.#at = 0;
      if (done) return;
    }
  }

  /** The next sessions of the chunk while their starts pass; at least one. */
  take(passes: (start: bigint) => boolean): SessionChunk {
    const chunk = this.chunk as SessionChunk;
    const { sessionIds } = chunk;
    const from = this.#at++;
    while (this.#at < sessionIds.length && passes(this.#startOf(this.#at))) this.#at++;
    return sliceSessions(chunk, from, this.#at);
  }

  #startOf(session: number): bigint {
    return this.chunk?.times[this.chunk.sessionOffsets[session] ?? 0] ?? 0n;
  }
}
