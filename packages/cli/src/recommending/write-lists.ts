import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { showNames, UsageError } from '@gru4rec/checks';
import type { ItemIds } from '@gru4rec/dataset/ids';
import { type ItemInfoTable, kindsOfColumns } from '@gru4rec/dataset/items';
import { makeFile } from '@gru4rec/durable-files';
import { latestSessions, linesToParquet, prepare } from '@gru4rec/preprocess';
import { batchesOf } from '../arguments/read-sessions.ts';
import type { ListQuestion, ListSession } from './list-thread.ts';

/**
 * DuckDB's type of an item of a list.
 * @throws UsageError for fields that the items file lacks.
 */
export function itemTypeOf(
  fields: readonly string[],
  itemIds: ItemIds,
  info: ItemInfoTable | undefined,
): string {
  const types = { id: 'VARCHAR', score: 'DOUBLE', ...(info?.hasTitles && { title: 'VARCHAR' }) };
  const infos = fields.length > 0 ? Array.from(itemIds, (_, item) => info?.at(item)) : [];
  const columns = new Map(kindsOfColumns(infos).map(({ name, kind }) => [name, kind]));
  const lacking = fields.find((name) => !columns.has(name));
  if (lacking !== undefined) {
    const known = columns.size > 0 ? showNames([...columns.keys()]) : 'a model with an items file';
    throw new UsageError(`--fields expected ${known}, got ${JSON.stringify(lacking)}`);
  }
  const named = fields.map((name) => [name, columns.get(name) === 'numbers' ? 'DOUBLE' : 'VARCHAR'] as const);
  const all = Object.entries({ ...types, ...Object.fromEntries(named) });
  return `STRUCT(${all.map(([name, type]) => `"${name.replaceAll('"', '""')}" ${type}`).join(', ')})`;
}

/** Whose lists: the visitors of a dataset or an event log with their latest sessions, or items. */
export interface ListSource {
  readonly data?: string | undefined;
  readonly events?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly itemIds: ItemIds;
}

/** What else `writeLists` needs. */
export interface ListsOptions {
  readonly source: ListSource;
  /** DuckDB's type of an item of a list. */
  readonly itemType: string;
  readonly onProgress: (lists: number, total: number) => void;
}

/**
 * Writes a list per visitor or item, with a thread per core.
 * @param output - `.parquet` or `.jsonl`; replaced as a whole.
 * @returns the number of lists.
 */
export async function writeLists(
  output: string,
  question: ListQuestion,
  { source, itemType, onProgress }: ListsOptions,
): Promise<number> {
  let total = 0;
  await makeFile(output, async (path) => {
    const lists = await (question.kind ? relatedTo(source) : latestOf(join(dirname(path), 'data'), source));
    total = lists.total;
    const lines = output.endsWith('.parquet') ? `${path}.jsonl` : path;
    const onLists = (done: number) => onProgress(done, total);
    await pipeline(inThreads(lists.sessions, question, onLists), createWriteStream(lines));
    if (lines === path) return;
    const columns = { source: 'VARCHAR', items: `${itemType}[]` };
    await linesToParquet(lines, path, { [question.kind ? 'item' : 'visitor']: 'VARCHAR', ...columns });
  });
  return total;
}

async function relatedTo({ itemIds }: ListSource) {
  async function* sessions() {
    for (const id of itemIds) yield { id, items: [] };
  }
  return { total: itemIds.length, sessions: sessions() };
}

/** @param scratch - folder of the dataset that is made of an event log. */
async function latestOf(scratch: string, { data = scratch, events, sinceMs }: ListSource) {
  if (events !== undefined) {
    const asked = { userColumn: 'SessionId', minSessionLength: 1, onBadRow: 'skip' } as const;
    await prepare({ inputs: [events], output: data, memoryLimit: '256MB', ...asked });
  }
  const { visitors: total, sessions } = await latestSessions(data, sinceMs);
  return { total, sessions };
}

const source = import.meta.url.endsWith('.ts');
const entry = new URL(source ? './list-thread-source.mjs' : './list-thread.js', import.meta.url);
/** A thread's garbage would take 150 MB: below 2 GB, V8 collects when a heap has doubled, not quadrupled. */
const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 2000 };
const execArgv = source ? ['--conditions=@gru4rec/source'] : [];

/** Lines of lists, in order. */
async function* inThreads(
  sessions: AsyncIterable<ListSession>,
  workerData: ListQuestion,
  onLists: (done: number) => void,
): AsyncGenerator<string> {
  const threads: Worker[] = [];
  const asked: Promise<unknown[]>[] = [];
  const most = availableParallelism();
  let [done, next] = [0, 0];
  try {
    for await (const batch of batchesOf(sessions)) {
      // The thread that was asked first is free then.
      if (asked.length === most) yield String(await asked.shift());
      const place = next++ % most;
      threads[place] ??= new Worker(entry, { workerData, execArgv, resourceLimits });
      threads[place].postMessage(batch);
      const lines = once(threads[place], 'message');
      lines.catch(() => undefined);
      asked.push(lines);
      done += batch.length;
      onLists(done);
    }
    for (const lines of asked) yield String(await lines);
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
