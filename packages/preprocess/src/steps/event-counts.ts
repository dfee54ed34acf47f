import type { Backend, Selection } from '../backends/backend.ts';
import type { FunnelCounts } from '../funnel.ts';
import { splitNumbers } from './sessionize.ts';

/** SQL: the counts of a table that the steps keep; see `EventCounts`. */
const queries = {
  session: (from: string) =>
    `SELECT session, split, CAST(count(*) AS INTEGER) AS events, min(ord) AS first, max(ms) AS last
     FROM ${from} GROUP BY session, split`,
  item: (from: string) => `SELECT item, split, count(*) AS events FROM ${from} GROUP BY item, split`,
} as const;

/** What is counted. */
export type Counted = keyof typeof queries;

/**
 * Two small tables that filters and the funnel read instead of all events. `session_counts`: `session`, `split`, `events`,
 * `first` (the position of its first event), `last` (the time of its last event). `item_counts`: `item`, `split`, `events`.
 *
 * A step that changes events says what that means for the tables. They are counted again only before they are read.
 */
export class EventCounts {
  readonly #db: Backend;
  /** The split whose counts are out of date; `all` if every split is, or the table does not exist. */
  readonly #stale: Record<Counted, number | 'all' | undefined> = { session: 'all', item: 'all' };

  constructor(db: Backend) {
    this.#db = db;
  }

  /** Brings a table up to date. */
  async update(counted: Counted): Promise<void> {
    const stale = this.#stale[counted];
    if (stale === undefined) return;
    const query = queries[counted];
    const table = `${counted}_counts`;
    const fresh = stale === 'all' ? query('events') : query(`events WHERE split = ${stale}`);
    const others = stale === 'all' ? '' : `SELECT * FROM ${table} WHERE split <> ${stale} UNION ALL `;
    await this.#db.replaceTable(table, `${others}${fresh}`);
    this.#stale[counted] = undefined;
  }

  /** Counts the events, sessions and items of a split, or of all splits. */
  async of(split: number | undefined): Promise<FunnelCounts> {
    await this.update('session');
    await this.update('item');
    const where = split === undefined ? '' : `WHERE split = ${split}`;
    const {
      events = 0,
      sessions = 0,
      items = 0,
    } = await this.#db.numbers(`
      SELECT (SELECT coalesce(sum(events), 0) FROM session_counts ${where}) AS events,
        (SELECT count(*) FROM session_counts ${where}) AS sessions,
        (SELECT count(DISTINCT item) FROM item_counts ${where}) AS items`);
    return { events, sessions, items };
  }

  /**
   * Removes all events of some sessions or items.
   *
   * @param kept - SQL: a condition on the rows of the table of counts.
   * @param split - removes only events of this split.
   */
  async keep(counted: Counted, kept: string, split?: number): Promise<void> {
    await this.update(counted);
    const table = `${counted}_counts`;
    const removed = split === undefined ? `NOT (${kept})` : `split = ${split} AND NOT (${kept})`;
    const among = `SELECT ${counted} FROM ${table} WHERE ${removed}`;
    await this.#db.remove({ column: counted, among, ...(split !== undefined && { split }) });
    await this.#db.replaceTable(table, `SELECT * FROM ${table} WHERE NOT (${removed})`);
    this.#markStale(counted === 'session' ? 'item' : 'session', split);
  }

  /** Removes events by a query of events. */
  async remove(selection: Selection): Promise<void> {
    await this.#db.remove(selection);
    this.#markStale('session', selection.split);
    this.#markStale('item', selection.split);
  }

  /** Moves the training sessions whose last event is at this time or later. */
  async moveFrom(ms: number, to: number): Promise<void> {
    const { train } = splitNumbers;
    await this.update('session');
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

  /** Moves training sessions. @param among - SQL: a query of sessions, distinct and not NULL. */
  async move(among: string, to: number): Promise<void> {
    await this.update('session');
    await this.#db.move({ column: 'session', among, split: splitNumbers.train }, to);
    this.#markStale('session', undefined);
    this.#markStale('item', undefined);
  }

  #markStale(counted: Counted, split: number | undefined): void {
    const before = this.#stale[counted];
    const now = split ?? 'all';
    this.#stale[counted] = before === undefined || before === now ? now : 'all';
  }
}
