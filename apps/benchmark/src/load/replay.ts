import type { SessionArrays } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/item-ids';

/** Sessions of a log in CSR form, with the id of each item index. */
export interface ReplayLog extends SessionArrays {
  readonly itemIds: ItemIds;
}

/** A click to send. */
export interface Click {
  readonly sessionId: string;
  readonly item: string;
}

/**
 * Replays a log with a fixed number of concurrent visitors. A visitor clicks through a session in order, then takes the
 * next session of the log. After its last session, the log starts again, with new session ids.
 */
export class Replay {
  readonly #log: ReplayLog;
  readonly #name: string;
  /** Position in `items` of each visitor's next click, and the end of its session. */
  readonly #next: Int32Array;
  readonly #end: Int32Array;
  readonly #sessionIds: string[] = [];
  #sessions = 0;

  /**
   * @param log - at least one session; none is empty.
   * @param visitors - number of concurrent visitors.
   * @param name - start of the session ids, so that replays on one server do not continue each other's sessions.
   */
  constructor(log: ReplayLog, visitors: number, name: string) {
    if (log.sessionOffsets.length < 2)
      throw new RangeError('Replay: "log" expected at least one session, got none');
    this.#log = log;
    this.#name = name;
    this.#next = new Int32Array(visitors);
    this.#end = new Int32Array(visitors);
  }

  /** The next click of a visitor in [0, visitors). */
  click(visitor: number): Click {
    const { sessionOffsets, items, itemIds } = this.#log;
    if (this.#next[visitor] === this.#end[visitor]) {
      const session = this.#sessions++;
      const row = session % (sessionOffsets.length - 1);
      this.#next[visitor] = sessionOffsets[row] ?? 0;
      this.#end[visitor] = sessionOffsets[row + 1] ?? 0;
      this.#sessionIds[visitor] = `${this.#name}-${session}`;
    }
    const at = this.#next[visitor] ?? 0;
    this.#next[visitor] = at + 1;
    return { sessionId: this.#sessionIds[visitor] ?? '', item: itemIds.at(items[at] ?? 0) ?? '' };
  }
}
