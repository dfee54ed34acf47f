import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { ItemChunk, SessionChunk } from '@gru4rec/dataset';
import type { Backend, EventSelection } from '../backends/backend.ts';
import { arrayOf, textsOf } from '../backends/duckdb/chunk-values.ts';

/** Times of the first and last event, and of the first and last that are no outliers. */
export interface TimeSpread {
  readonly first: number;
  readonly low: number;
  readonly high: number;
  readonly last: number;
}

export interface EventCounts {
  readonly events: number;
  readonly sessions: number;
  readonly items: number;
}

/** Numbers of the splits. Until the split by time, all but the events of `testInputs` are in `train`. */
export const splitNumbers = { train: 0, validation: 1, test: 2 } as const;

const { train } = splitNumbers;
/** SQL: the counts that the steps keep; see `EventSet`. */
const queries = {
  session: (from: string) =>
    `SELECT session, split, CAST(count(*) AS INTEGER) AS events, min(ord) AS first, max(ms) AS last
     FROM ${from} GROUP BY session, split`,
  item: (from: string) => `SELECT item, split, count(*) AS events FROM ${from} GROUP BY item, split`,
} as const;
type Counted = keyof typeof queries;

const ofTraining = `FROM session_counts WHERE split = ${train}`;
const starts = 'SELECT session, min(ms) AS start FROM events GROUP BY session';

/**
 * The events that are left, in order of time, and what the steps do with them. A session has one split (`splitNumbers`).
 *
 * Filters and counts read two small tables instead of all events: `session_counts` (`session`, `split`, `events`, `first`,
 * position of the first event, `last`, time of the last) and `item_counts` (`item`, `split`, `events`). They are counted again
 * before they are read, if they are stale.
 */
export class EventSet {
  readonly #db: Backend;
  readonly #hasContext: boolean;
  /** The split whose counts are out of date; `all` if every split is, or the table does not exist. */
  readonly #stale: Record<Counted, number | 'all' | undefined> = { session: 'all', item: 'all' };
  #learntSplits: readonly number[] = [];

  constructor(db: Backend, hasContext: boolean) {
    this.#db = db;
    this.#hasContext = hasContext;
  }

  async count(split?: number): Promise<EventCounts> {
    await this.#update('session');
    await this.#update('item');
    const where = split === undefined ? '' : `WHERE split = ${split}`;
    return this.#db.numbers<keyof EventCounts>(`
      SELECT (SELECT coalesce(sum(events), 0) FROM session_counts ${where}) AS events,
        (SELECT count(*) FROM session_counts ${where}) AS sessions,
        (SELECT count(DISTINCT item) FROM item_counts ${where}) AS items`);
  }

  /** Items that `keepItems` keeps in some splits, by name. Names that no event has are ignored. */
  async learnItems(names: AsyncIterable<readonly string[]>, splits: readonly number[]): Promise<void> {
    await this.#db.learnItems(names);
    this.#learntSplits = splits;
  }

  removeRepeats(split?: number): Promise<void> {
    const from = split === undefined ? 'events' : `events WHERE split = ${split}`;
    const among = `
      SELECT ord FROM (
        SELECT ord, item = lag(item) OVER (PARTITION BY session ORDER BY ord) AS is_repeat FROM ${from})
      WHERE is_repeat`;
    return this.#remove({ column: 'ord', among, split });
  }

  /** Both bounds are included. */
  keepSessions(least: number, most: number, split?: number): Promise<void> {
    return this.#keep('session', `events BETWEEN ${least} AND ${most}`, split);
  }

  /** Removes events of a split whose item has fewer than `least` training events, except those of items learnt for the split. */
  keepItems(least: number, split: number): Promise<void> {
    const frequent = `item_counts k WHERE k.split = ${train} AND k.item = item_counts.item AND k.events >= ${least}`;
    // Spark would broadcast all items for NOT IN.
    const isFrequent = split === train ? `events >= ${least}` : `EXISTS (SELECT 1 FROM ${frequent})`;
    const learnt = 'EXISTS (SELECT 1 FROM known_items l WHERE l.item = item_counts.item)';
    const isLearnt = this.#learntSplits.includes(split) ? `OR ${learnt}` : '';
    return this.#keep('item', `${isFrequent} ${isLearnt}`, split);
  }

  /** `first` is the start of the first late session, 0 if there is none. */
  findLate(before: number): Promise<{ late: number; first: number }> {
    return this.#db.numbers(
      `SELECT count(*) AS late, coalesce(min(start), 0) AS first FROM (${starts}) WHERE start < ${before}`,
    );
  }

  removeLate(before: number): Promise<void> {
    const among = `SELECT session FROM (${starts}) WHERE start < ${before}`;
    return this.#remove({ column: 'session', among });
  }

  /** The latest first, of all splits. */
  async latestEnds(sessions: number): Promise<readonly number[]> {
    await this.#update('session');
    const rows = await this.#db.rows(`SELECT last FROM session_counts ORDER BY last DESC LIMIT ${sessions}`);
    return rows.map(({ last }) => Number(last));
  }

  removeEnded(before: number): Promise<void> {
    return this.#keep('session', `last >= ${before}`, undefined);
  }

  endTime(): Promise<number> {
    return this.#timeAt(`events WHERE split = ${train}`, 'DESC', 0);
  }

  async #timeAt(from: string, order: 'ASC' | 'DESC', skipped: number): Promise<number> {
    const { ms = 0 } = await this.#db.numbers(
      `SELECT ms FROM ${from} ORDER BY ms ${order} LIMIT 1 OFFSET ${skipped}`,
    );
    return ms;
  }

  /** By the last event. */
  async moveFrom(ms: number, to: number): Promise<void> {
    await this.#update('session');
    const isMoved = `split = ${train} AND last >= ${ms}`;
    const among = `SELECT session FROM session_counts WHERE ${isMoved}`;
    await this.#db.move({ column: 'session', among, split: train }, to);
    await this.#db.replaceTable(
      'session_counts',
      `SELECT session, CAST(CASE WHEN ${isMoved} THEN ${to} ELSE split END AS TINYINT) AS split, events, first, last
       FROM session_counts`,
    );
    this.#markStale('item', undefined);
  }

  /** Moves the training sessions that end last; at the same time, those that started last. */
  async moveLatest(sessions: number, to: number): Promise<void> {
    if (sessions === 0) return;
    await this.#update('session');
    const { last = 0 } = await this.#db.numbers(
      `SELECT last ${ofTraining} ORDER BY last DESC LIMIT 1 OFFSET ${sessions - 1}`,
    );
    const { later = 0 } = await this.#db.numbers(`SELECT count(*) AS later ${ofTraining} AND last > ${last}`);
    const among = `
      SELECT session ${ofTraining} AND last > ${last}
      UNION ALL SELECT session FROM (
        SELECT session, row_number() OVER (ORDER BY first DESC) AS place ${ofTraining} AND last = ${last}) tied
      WHERE place <= ${sessions - later}`;
    await this.#db.move({ column: 'session', among, split: train }, to);
    this.#markStale('session', undefined);
    this.#markStale('item', undefined);
  }

  /** The times of all splits. @param outside - share of the events before `low`, and of those after `high`. */
  async spread(outside: number): Promise<TimeSpread> {
    const { events } = await this.count();
    const skipped = Math.floor(outside * events);
    const { first = 0, last = 0 } = await this.#db.numbers(
      'SELECT min(ms) AS first, max(ms) AS last FROM events',
    );
    const low = await this.#timeAt('events', 'ASC', skipped);
    return { first, low, high: await this.#timeAt('events', 'DESC', skipped), last };
  }

  /** Creates table `item_index` and view `session_index`: the rows of `session_counts`. */
  async numberItems(): Promise<void> {
    const isTraining = `CASE WHEN split = ${train} THEN ord END`;
    await this.#db.createItemIndex(
      this.#learntSplits.length === 0
        ? `SELECT item, min(ord) AS first, CAST(count(*) AS INTEGER) AS support
           FROM events WHERE split = ${train} GROUP BY item`
        : `SELECT item, min(${isTraining}) AS first, CAST(count(${isTraining}) AS INTEGER) AS support
           FROM events GROUP BY item`,
    );
    await this.#update('session');
    await this.#db.createView('session_index', 'SELECT session, split, events, first FROM session_counts');
  }

  items(): AsyncGenerator<ItemChunk> {
    return readItems(this.#db);
  }

  /** In order of their first event. Their `context` has the number of a combination per event; see `Contexts`. */
  sessions(split: number): AsyncGenerator<SessionChunk> {
    return readSessions(this.#db, split, this.#hasContext);
  }

  async #update(counted: Counted): Promise<void> {
    const stale = this.#stale[counted];
    if (stale === undefined) return;
    const query = queries[counted];
    const table = `${counted}_counts`;
    const fresh = stale === 'all' ? query('events') : query(`events WHERE split = ${stale}`);
    const others = stale === 'all' ? '' : `SELECT * FROM ${table} WHERE split <> ${stale} UNION ALL `;
    await this.#db.replaceTable(table, `${others}${fresh}`);
    this.#stale[counted] = undefined;
  }

  /** @param kept - SQL: a condition on the rows of the table of counts. */
  async #keep(counted: Counted, kept: string, split: number | undefined): Promise<void> {
    await this.#update(counted);
    const table = `${counted}_counts`;
    const removed = split === undefined ? `NOT (${kept})` : `split = ${split} AND NOT (${kept})`;
    const among = `SELECT ${counted} FROM ${table} WHERE ${removed}`;
    await this.#db.remove({ column: counted, among, split });
    await this.#db.replaceTable(table, `SELECT * FROM ${table} WHERE NOT (${removed})`);
    this.#markStale(counted === 'session' ? 'item' : 'session', split);
  }

  async #remove(selection: EventSelection): Promise<void> {
    await this.#db.remove(selection);
    this.#markStale('session', selection.split);
    this.#markStale('item', selection.split);
  }

  #markStale(counted: Counted, split: number | undefined): void {
    const before = this.#stale[counted];
    const now = split ?? 'all';
    this.#stale[counted] = before === undefined || before === now ? now : 'all';
  }
}

async function* readItems(db: Backend): AsyncGenerator<ItemChunk> {
  const rows = db.chunks(`SELECT ${nameFrom(db)}, support FROM ${db.named.items} ORDER BY item_index`);
  for await (const chunk of rows) {
    yield { itemIds: textsOf(chunk, 0), support: arrayOf(chunk, 1, Int32Array).slice() };
  }
}

/** Sessions and their events are two streams, so that no query collects the events of a session in a list. */
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
  readonly context?: Int32Array | undefined;
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
    return { items, times, context };
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
      chunk: value,
      items,
      times,
      context: this.#hasContext ? arrayOf(value, 2, Int32Array) : undefined,
    };
    this.#at = 0;
  }
}
