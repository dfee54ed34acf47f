import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { ItemChunk, SessionChunk } from '@gru4rec/dataset';
import type { Backend } from '../backends/backend.ts';
import { arrayOf, textsOf } from '../backends/duckdb/chunk-values.ts';

export async function* readItems(db: Backend): AsyncGenerator<ItemChunk> {
  const rows = db.chunks(`SELECT ${nameFrom(db)}, support FROM ${db.named.items} ORDER BY item_index`);
  for await (const chunk of rows) {
    yield { itemIds: textsOf(chunk, 0), support: arrayOf(chunk, 1, Int32Array).slice() };
  }
}

/** In order. Sessions and their events are two streams, so that no query collects the events of a session in a list. */
export async function* readSessions(
  db: Backend,
  split: number,
  hasContext: boolean,
): AsyncGenerator<SessionChunk> {
  const sessions = db.chunks(
    `SELECT ${nameFrom(db)}, events FROM ${db.named.sessions} WHERE split = ${split} ORDER BY first`,
  );
  const events = new EventReader(
    db.chunks(`
      SELECT item_index, ms${hasContext ? ', context' : ''} FROM events JOIN session_index s USING (session) JOIN item_index USING (item)
      WHERE events.split = ${split} ORDER BY s.first, ord`),
    hasContext,
  );
  for await (const chunk of sessions) {
    const sessionIds = textsOf(chunk, 0);
    const sessionOffsets = new Int32Array(sessionIds.length + 1);
    for (const [index, length] of arrayOf(chunk, 1, Int32Array).entries()) {
      sessionOffsets[index + 1] = (sessionOffsets[index] ?? 0) + length;
    }
    const count = sessionOffsets[sessionIds.length] ?? 0;
    yield { sessionIds, sessionOffsets, ...(await events.take(count)) };
  }
  await events.close();
}

/** SQL: `name`. A byte order mark at its start is doubled, because DuckDB's client drops one. */
export function nameFrom(db: Pick<Backend, 'quote'>): string {
  const [mark, marked] = [db.quote('\ufeff'), db.quote('\ufeff%')];
  return `CASE WHEN name LIKE ${marked} THEN concat(${mark}, name) ELSE name END AS name`;
}

interface EventRows {
  /** Owns the memory of the values. */
  readonly chunk?: DuckDBDataChunk;
  readonly items: Int32Array;
  readonly times: BigInt64Array;
  readonly context?: Int32Array;
}

class EventReader {
  readonly #chunks: AsyncGenerator<DuckDBDataChunk>;
  #rows: EventRows = { items: new Int32Array(0), times: new BigInt64Array(0) };
  #at = 0;
  readonly #hasContext: boolean;

  constructor(chunks: AsyncGenerator<DuckDBDataChunk>, hasContext: boolean) {
    this.#chunks = chunks;
    this.#hasContext = hasContext;
  }

  async take(count: number): Promise<Omit<EventRows, 'chunk'>> {
    const items = new Int32Array(count);
    const times = new BigInt64Array(count);
    const context = this.#hasContext ? new Int32Array(count) : undefined;
    for (let event = 0; event < count; ) {
      if (this.#at === this.#rows.items.length) await this.#next();
      const end = Math.min(this.#rows.items.length, this.#at + count - event);
      items.set(this.#rows.items.subarray(this.#at, end), event);
      times.set(this.#rows.times.subarray(this.#at, end), event);
      context?.set(this.#rows.context?.subarray(this.#at, end) ?? [], event);
      event += end - this.#at;
      this.#at = end;
    }
    return { items, times, ...(context && { context }) };
  }

  /** A stream does not end by itself after its last chunk. */
  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }

  async #next(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new Error('readSessions: fewer events than the lengths of the sessions.');
    const [items, times] = [arrayOf(value, 0, Int32Array), arrayOf(value, 1, BigInt64Array)];
    this.#rows = {
      ...{ chunk: value, items, times },
      ...(this.#hasContext && { context: arrayOf(value, 2, Int32Array) }),
    };
    this.#at = 0;
  }
}
