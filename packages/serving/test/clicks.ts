import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Click, ClickEvent } from '../src/index.ts';

/** A click, as a store takes it. */
export function clickOf(item: string, eventId?: string): Click {
  return { item, timeMs: 1, ...(eventId !== undefined && { eventId }) };
}

/** A click, as observers are told of it. */
export function eventOf(sessionId: string, item: string, more: Partial<Click> = {}): ClickEvent {
  const click = { ...clickOf(item), ...more };
  return { sessionId, model: 'shop', recommendationId: undefined, click };
}

/** What the lines of a log are, without blank ones and first ones. @param day - without, of all days. */
// biome-ignore lint/suspicious/noExplicitAny: each test expects its shape
export function linesIn(directory: string, day = ''): any[] {
  const names = readdirSync(directory).filter((name) => name.startsWith(day) && name.endsWith('.jsonl'));
  const lines = names.sort().flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'));
  return lines
    .filter((line) => line.trim() && !line.startsWith('{"EventLog":'))
    .map((line) => JSON.parse(line));
}
