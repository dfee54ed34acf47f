import { basename } from 'node:path';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { type ItemChunk, type SessionChunk, type SplitName, writeDatasetFiles } from '@gru4rec/sessions';
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
  };
  const packing = compression === 'none' ? undefined : compression;
  work.manifest = await writeDatasetFiles(workplace.folder, source, packing);
}

/** The options that determine the data and the names of the inputs, independent of the machine. */
function describePreparation({ options, files }: Preparation): Record<string, unknown> {
  const { inputs, testInputs, output, overwrite, onProgress, ...others } = options;
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
    yield { itemIds: texts(chunk, 0), support: Int32Array.from(values<number>(chunk, 1)) };
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
    for (const [index, length] of values<number>(chunk, 1).entries()) {
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

/** Reads a given number of events at a time from a stream of chunks. */
class EventReader {
  readonly #chunks: AsyncGenerator<DuckDBDataChunk>;
  #items: readonly number[] = [];
  #times: readonly bigint[] = [];
  #at = 0;

  constructor(chunks: AsyncGenerator<DuckDBDataChunk>) {
    this.#chunks = chunks;
  }

  async take(count: number): Promise<{ items: Int32Array; times: BigInt64Array }> {
    const items = new Int32Array(count);
    const times = new BigInt64Array(count);
    for (let event = 0; event < count; event++) {
      if (this.#at === this.#items.length) await this.#next();
      items[event] = this.#items[this.#at] ?? -1;
      times[event] = this.#times[this.#at] ?? 0n;
      this.#at++;
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
    this.#items = values<number>(value, 0);
    this.#times = values<bigint>(value, 1);
    this.#at = 0;
  }
}

function texts(chunk: DuckDBDataChunk, column: number): string[] {
  return values<string>(chunk, column);
}

function values<Value>(chunk: DuckDBDataChunk, column: number): Value[] {
  return chunk.getColumnVector(column).toArray() as Value[];
}
