import type { PlainLog } from '../../../src/input/plain/plain-log.ts';

/** The events of a log as texts: session, item and milliseconds. */
export function rowsOf({ loaded }: PlainLog): string[] {
  const { sessions, items, times } = loaded?.columns ?? { sessions: [], items: [], times: [] };
  return Array.from(times, (time, event) => {
    const [session = -1, item = -1] = [sessions[event], items[event]];
    return `${loaded?.sessions.text(session)} ${loaded?.items.text(item)} ${time}`;
  });
}
