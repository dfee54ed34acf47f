import { showNames } from '@gru4rec/checks';
import type { SessionTable } from '@gru4rec/dataset';
import { printable } from '../terminal/printable.ts';
import { count } from '../terminal/progress.ts';

/** What a session is measured by, and the least that is strange. */
const KINDS = [
  [20, 'with # clicks or more'],
  [5, 'with # clicks or more, all on one item'],
  [2, 'with 5 clicks or more, # per second or more'],
  [20, 'of new visitors, in hours with # sessions or more'],
] as const;
const HOUR_MS = 3_600_000;

/**
 * Finds sessions that began after a time and reach twice what 999 of 1,000 earlier ones do.
 * @param idOf - the id by which `forget` removes a session.
 * @returns a line per kind, and the ids.
 */
export function findStrange(
  { sessionIds, sessionOffsets, sessionStartTimes, items, times }: SessionTable,
  afterMs: number,
  idOf: (sessionId: string) => string,
): { readonly lines: readonly string[]; readonly ids: ReadonlySet<string> } {
  const visitors = new Set<string>();
  const inHour = new Map<number, number>();
  const sessions = Array.from(sessionStartTimes, (startMs, session) => {
    const [start, end] = [sessionOffsets[session] ?? 0, sessionOffsets[session + 1] ?? 0];
    const id = idOf(sessionIds[session] ?? '');
    const hour = Math.floor(startMs / HOUR_MS);
    if (startMs <= afterMs) visitors.add(id);
    inHour.set(hour, (inHour.get(hour) ?? 0) + 1);
    const seconds = Math.max(1, (Number(times[end - 1]) - startMs) / 1000);
    return { id, startMs, hour, seconds, clicks: items.subarray(start, end) };
  });
  const measured = sessions.map(({ clicks, ...session }) => {
    const { length } = clicks;
    const isReturning = session.startMs > afterMs && visitors.has(session.id);
    const measures = [
      length,
      new Set(clicks).size === 1 ? length : 0,
      length < 5 ? 0 : (length - 1) / session.seconds,
      isReturning ? 0 : (inHour.get(session.hour) ?? 0),
    ];
    return { ...session, measures };
  });
  const ids = new Set<string>();
  const lines = KINDS.flatMap(([least, kind], at) => {
    const early = measured.flatMap(({ startMs, measures }) => (startMs > afterMs ? [] : (measures[at] ?? 0)));
    const usual = Float64Array.from(early).sort()[Math.floor(0.999 * early.length)] ?? 0;
    const limit = Math.max(least, 2 * usual);
    const strange = measured.filter(
      ({ startMs, measures }) => startMs > afterMs && (measures[at] ?? 0) >= limit,
    );
    if (strange.length === 0) return [];
    for (const { id } of strange) ids.add(id);
    const starts = strange
      .map(({ startMs }) => new Date(startMs).toISOString().replace(/:..\..*/, 'Z'))
      .sort();
    const names = showNames([...new Set(strange.map(({ id }) => id))], (id) => JSON.stringify(printable(id)));
    const limited = kind.replace('#', String(Math.ceil(limit)));
    return `  ${count(strange.length, 'session')} ${limited}, ${starts[0]} to ${starts.at(-1)}: ${names}`;
  });
  return { lines, ids };
}
