import { type RowScale, rowScale, SCALED_HEAD, scaledValue } from '@gru4rec/baselines';
import { type Scores, topItems } from '@gru4rec/metrics';
import type { BestItems, LiveEvent, LivePrograms } from '@gru4rec/model';
import { MixedLists, type PartList, sortedList } from './mixed-lists.ts';
import { ScorerPrograms } from './scorer-programs.ts';

export interface MixPart {
  readonly live: LivePrograms;
  readonly weight: number;
}

/** Lengths of the lists of the parts that are tried: the first suffices for 20 items of most sessions. */
const LIST_LENGTHS = [128, 256, 2048];

/**
 * Live sessions of a mix by `score` of any parts, with exactly the scores of `mix` of baselines. A state is the states of
 * the parts, one after the other.
 *
 * The best items come from lists of the parts' best items: an item that no list has cannot be better than the last of every
 * list (the threshold algorithm: Fagin, Lotem, Naor 2003). What the lists leave open is scored item by item.
 */
export class MixPrograms implements LivePrograms {
  readonly stateLength: number;
  readonly #parts: readonly MixPart[];
  /** [parts + 1] where the state of each part starts. */
  readonly #starts: readonly number[];
  readonly #lists: MixedLists;
  readonly #row: Float64Array;

  constructor(parts: readonly MixPart[], itemCount: number) {
    this.#parts = parts;
    const starts = [0];
    for (const [part, { live }] of parts.entries()) starts.push(starts[part] + live.stateLength);
    this.#starts = starts;
    this.stateLength = starts[parts.length];
    this.#lists = new MixedLists(
      parts.map(({ weight }) => weight),
      itemCount,
    );
    this.#row = new Float64Array(itemCount);
  }

  reserve(slots: number): void {
    for (const { live } of this.#parts) live.reserve(slots);
  }

  advance(events: readonly LiveEvent[]): void {
    for (const [part, { live }] of this.#parts.entries()) {
      live.advance(events.map((event) => ({ ...event, state: this.#stateOf(event.state, part) })));
    }
  }

  scoreAll(state: Float32Array): Scores {
    const row = this.#row.fill(0);
    for (const [part, { live, weight }] of this.#parts.entries()) {
      const scores = live.scoreAll(this.#stateOf(state, part));
      const scale = scaleOfRow(scores);
      for (let item = 0; item < row.length; item++) row[item] += weight * scaledValue(scores[item], scale);
    }
    return row;
  }

  best(states: readonly Float32Array[], count: number): BestItems[] | undefined {
    const found: (BestItems | undefined)[] = states.map(() => undefined);
    for (const length of LIST_LENGTHS.filter((each) => each >= count)) {
      const open = states.flatMap((_, at) => (found[at] ? [] : at));
      const lists = this.#listsOf(
        open.map((at) => states[at]),
        length,
      );
      for (const [place, at] of open.entries()) found[at] = this.#mixed(states[at], lists(place), count);
    }
    return found.every((list) => list !== undefined) ? found : undefined;
  }

  scoreItems(state: Float32Array, items: Int32Array): Float64Array {
    const mixed = new Float64Array(items.length);
    for (const [place, part] of this.#parts.entries()) {
      const own = this.#stateOf(state, place);
      const scale = this.#scale(part, own);
      const scores = part.live.scoreItems(own, items);
      for (let at = 0; at < items.length; at++) mixed[at] += part.weight * scaledValue(scores[at], scale);
    }
    return mixed;
  }

  #scale({ live }: MixPart, state: Float32Array): RowScale {
    const most = Math.min(SCALED_HEAD, this.#row.length);
    const [head] = live.best([state], most) ?? [];
    return head ? sortedList(head, this.#row.length).scale : scaleOfRow(live.scoreAll(state));
  }

  /** @returns the lists of the parts for the session at a place; undefined if a part has no list of this length. */
  #listsOf(states: readonly Float32Array[], length: number): (place: number) => (PartList | undefined)[] {
    const most = Math.min(length, this.#row.length);
    // A scorer keeps the row of one session, so its lists are made session by session.
    const together = this.#parts.map(({ live }, part) =>
      live instanceof ScorerPrograms
        ? undefined
        : live.best(
            states.map((state) => this.#stateOf(state, part)),
            most,
          ),
    );
    return (place) =>
      this.#parts.map(({ live }, part) => {
        const best =
          live instanceof ScorerPrograms
            ? live.best([this.#stateOf(states[place], part)], most)[0]
            : together[part]?.[place];
        return best && sortedList(best, this.#row.length);
      });
  }

  #mixed(
    state: Float32Array,
    lists: readonly (PartList | undefined)[],
    count: number,
  ): BestItems | undefined {
    const known = lists.filter((list) => list !== undefined);
    if (known.length < lists.length) return undefined;
    return this.#lists.best(known, count, (part, items) =>
      this.#parts[part].live.scoreItems(this.#stateOf(state, part), items),
    );
  }

  #stateOf(state: Float32Array, part: number): Float32Array {
    return state.subarray(this.#starts[part], this.#starts[part + 1]);
  }
}

function scaleOfRow(scores: Scores): RowScale {
  const head = topItems(scores, SCALED_HEAD);
  return rowScale(scores[head[0]], scores[head[head.length - 1]]);
}
