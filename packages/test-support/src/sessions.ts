import { RandomStream } from '@gru4rec/random';

/**
 * Sessions of item indices in CSR form: session s holds items[sessionOffsets[s]] to items[sessionOffsets[s + 1] − 1].
 */
export interface SessionTable {
  readonly sessionOffsets: Int32Array;
  readonly items: Int32Array;
  /** Time of each session's first event, ascending. */
  readonly sessionStartTimes: Float64Array;
  /** The caller's id of each item index. */
  readonly itemIds: readonly string[];
  /** Number of events of each item index in this table. */
  readonly support: Int32Array;
}

/**
 * The sessions in the text of a TSV file with the columns SessionId, ItemId and Time, in order of time.
 *
 * @param options.itemIds - known ids by item index, such as those of the training events. Events of other items are
 *   left out. By default, items are numbered by first appearance.
 * @returns sessions in order of their first (known) event.
 * @throws RangeError if the header differs or times decrease.
 */
export function parseEvents(text: string, options: { itemIds?: readonly string[] } = {}): SessionTable {
  const [header, ...lines] = text.trimEnd().split(/\r?\n/);
  if (header !== 'SessionId\tItemId\tTime') {
    throw new RangeError(`readEvents: header expected SessionId, ItemId, Time, got ${header}`);
  }
  const indexById = new Map(options.itemIds?.map((id, index) => [id, index]));
  const sessions = new Map<string, { start: number; items: number[] }>();
  let previous = -Infinity;
  for (const [row, line] of lines.entries()) {
    const [sessionId = '', itemId = '', time = ''] = line.split('\t');
    if (!(Number(time) >= previous)) {
      throw new RangeError(`readEvents: "Time" expected ≥ ${previous}, got ${time}, at row ${row + 1}`);
    }
    previous = Number(time);
    if (!options.itemIds && !indexById.has(itemId)) indexById.set(itemId, indexById.size);
    const index = indexById.get(itemId);
    if (index === undefined) continue;
    const session = sessions.get(sessionId) ?? { start: previous, items: [] };
    sessions.set(sessionId, session);
    session.items.push(index);
  }
  return toTable([...sessions.values()], [...indexById.keys()]);
}

/**
 * A seeded table for tests: sessions of 2 to 7 events with some repeats. Every item occurs at least once if there are
 * enough events.
 */
export function tinySessions(
  options: { sessions?: number; items?: number; seed?: number } = {},
): SessionTable {
  const { sessions = 12, items = 20, seed = 7 } = options;
  const random = new RandomStream(seed, 'test-support.tiny-sessions');
  let events = 0;
  const drawn = Array.from({ length: sessions }, (_, session) => {
    const length = 2 + random.nextBelow(6);
    const own = Array.from({ length }, () => (events < items ? events++ : random.nextBelow(items)));
    return { start: 1_400_000_000 + session * 60, items: own };
  });
  return toTable(
    drawn,
    Array.from({ length: items }, (_, index) => String(1000 + index * 7)),
  );
}

function toTable(
  sessions: readonly { readonly start: number; readonly items: readonly number[] }[],
  itemIds: readonly string[],
): SessionTable {
  const sessionOffsets = new Int32Array(sessions.length + 1);
  let end = 0;
  for (const [s, session] of sessions.entries()) {
    end += session.items.length;
    sessionOffsets[s + 1] = end;
  }
  const items = Int32Array.from(sessions.flatMap((session) => session.items));
  const support = new Int32Array(itemIds.length);
  for (const item of items) support[item] = (support[item] ?? 0) + 1;
  const sessionStartTimes = Float64Array.from(sessions, (session) => session.start);
  return { sessionOffsets, items, sessionStartTimes, itemIds, support };
}
