import { basename } from 'node:path';
import { DuckDBBigIntVector, type DuckDBDataChunk, DuckDBIntegerVector } from '@duckdb/node-api';
import { itemInfoLines, readItemRows } from '@gru4rec/item-info';
import {
  type DatasetSource,
  type ItemChunk,
  type SessionChunk,
  type SplitName,
  writeDatasetFiles,
} from '@gru4rec/sessions';
import type { Backend } from './backends/backend.ts';
import { heldOutSplits, type Preparation } from './preparation.ts';
import type { StageRunner } from './run-stages.ts';
import { splitNumbers } from './steps/sessionize.ts';

/** Writes the dataset. The next step begins when the first sessions are written. */
export async function writeOutput(work: Preparation, runner: StageRunner): Promise<void> {
  const { db, options, workplace, funnel, timeUnit = 's', badRows } = work;
  const { compression = 'none' } = options;
  const total = funnel.events(['train', 'validation', 'test']);
  let written = 0;
  const sessionsOf = (split: SplitName) =>
    sessionChunks(db, split, (events) => {
      if (written === 0) runner.next();
      written += events;
      runner.report(split, written / total);
    });
  const source = {
    items: itemChunks(db),
    splits: {
      train: sessionsOf('train'),
      ...Object.fromEntries(heldOutSplits(options).map((split) => [split, sessionsOf(split)])),
    },
    preparation: { ...describePreparation(work), timeUnit, badRows, funnel: funnel.rows },
    itemInfo: itemInfoOf(work),
  };
  const packing = compression === 'none' ? undefined : compression;
  work.manifest = await writeDatasetFiles(workplace.folder, source, packing);
}

/** The lines of the items file about items of the dataset. */
function itemInfoOf(work: Preparation): DatasetSource['itemInfo'] {
  const path = work.options.items;
  if (path === undefined) return undefined;
  const sources = [{ path, rows: readItemRows(path) }];
  return (itemIds) =>
    itemInfoLines(sources, itemIds, (counts) => {
      work.itemInfo = counts;
    });
}

/** The options that determine the data and the names of the inputs, independent of the machine. */
function describePreparation({ options, files }: Preparation): Record<string, unknown> {
  const { inputs, testInputs, items, output, overwrite, onProgress, ...others } = options;
  const { memoryLimit, threads, maxUnpackedBytes, spark, onAbsentTypes, ...shaping } = others;
  const named = (isTest: boolean) =>
    files
      .filter((file) => file.isTest === isTest)
      .map(({ file, format, rows }) => ({ file: basename(file), format, rows }));
  return { options: shaping, inputs: named(false), testInputs: named(true) };
}

/** The item table in order of item index. */
async function* itemChunks(db: Backend): AsyncGenerator<ItemChunk> {
  const rows = db.chunks(`SELECT ${nameFrom(db)}, support FROM ${db.named.items} ORDER BY item_index`);
  for await (const chunk of rows) {
    yield { itemIds: texts(chunk, 0), support: integersOf(chunk, 1).slice() };
  }
}

/**
 * The sessions of a split, in order. Ids and lengths of the sessions and their events are two streams in the same order,
 * so that no query collects the events of a session in a list.
 */
export async function* sessionChunks(
  db: Backend,
  split: SplitName,
  onEvents: (events: number) => void,
): AsyncGenerator<SessionChunk> {
  const number = splitNumbers[split];
  const sessions = db.chunks(
    `SELECT ${nameFrom(db)}, events FROM ${db.named.sessions} WHERE split = ${number} ORDER BY first`,
  );
  const events = new EventReader(
    db.chunks(`
      SELECT item_index, ms FROM events JOIN session_index s USING (session) JOIN item_index USING (item)
      WHERE events.split = ${number} ORDER BY s.first, ord`),
  );
  for await (const chunk of sessions) {
    const sessionIds = texts(chunk, 0);
    const sessionOffsets = new Int32Array(sessionIds.length + 1);
    for (const [index, length] of integersOf(chunk, 1).entries()) {
      sessionOffsets[index + 1] = (sessionOffsets[index] ?? 0) + length;
    }
    const count = sessionOffsets[sessionIds.length] ?? 0;
    yield { sessionIds, sessionOffsets, ...(await events.take(count)) };
    onEvents(count);
  }
  await events.close();
}

/** SQL: `name`. A byte order mark at its start is doubled, because DuckDB's client drops one. */
function nameFrom(db: Backend): string {
  const [mark, marked] = [db.quote('\ufeff'), db.quote('\ufeff%')];
  return `CASE WHEN name LIKE ${marked} THEN concat(${mark}, name) ELSE name END AS name`;
}

interface EventRows {
  /** Owns the memory of the values. */
  readonly chunk?: DuckDBDataChunk;
  readonly items: Int32Array;
  readonly times: BigInt64Array;
}

/** Reads a given number of events at a time from a stream of chunks. */
class EventReader {
  readonly #chunks: AsyncGenerator<DuckDBDataChunk>;
  #rows: EventRows = { items: new Int32Array(0), times: new BigInt64Array(0) };
  #at = 0;

  constructor(chunks: AsyncGenerator<DuckDBDataChunk>) {
    this.#chunks = chunks;
  }

  async take(count: number): Promise<{ items: Int32Array; times: BigInt64Array }> {
    const items = new Int32Array(count);
    const times = new BigInt64Array(count);
    for (let event = 0; event < count; ) {
      if (this.#at === this.#rows.items.length) await this.#next();
      const end = Math.min(this.#rows.items.length, this.#at + count - event);
      items.set(this.#rows.items.subarray(this.#at, end), event);
      times.set(this.#rows.times.subarray(this.#at, end), event);
      event += end - this.#at;
      this.#at = end;
    }
    return { items, times };
  }

  /** Frees the rows. The stream does not end by itself after its last chunk. */
  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }

  async #next(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new Error('sessionChunks: fewer events than the lengths of the sessions.');
    this.#rows = { chunk: value, items: integersOf(value, 0), times: bigIntegersOf(value, 1) };
    this.#at = 0;
  }
}

function texts(chunk: DuckDBDataChunk, column: number): string[] {
  return chunk.getColumnVector(column).toArray() as string[];
}

/** The values of an INTEGER column without NULL, in the memory of the chunk. */
function integersOf(chunk: DuckDBDataChunk, column: number): Int32Array {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBIntegerVector))
    throw new TypeError(`output: column ${column} is ${vector.type}.`);
  return vector['items'];
}

/** The values of a BIGINT column without NULL, in the memory of the chunk. */
function bigIntegersOf(chunk: DuckDBDataChunk, column: number): BigInt64Array {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBBigIntVector))
    throw new TypeError(`output: column ${column} is ${vector.type}.`);
  return vector['items'];
}
