import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { LearnerClick } from '@gru4rec/model';
import { UsageError } from '../command-line.ts';
import { readPickle } from './pickle.ts';

/** Item ids in order of time. */
export type Session = readonly string[];

/** Sessions to learn, and sessions to predict with all that was learnt until then. */
export interface Stage {
  readonly learn: readonly Session[];
  /** Of items that were learnt only. */
  readonly predict: readonly Session[];
  /** `learn` as a stream of clicks, if each is to be learnt once. */
  readonly clicks?: readonly LearnerClick[];
}

/** Reads published files, or the same with `.gz` after the name, as they are. */
export type Protocol = (paths: readonly string[]) => readonly Stage[];

/** A file of training clicks and one of test clicks. As `prepare`: no sessions of one click, no test items that training lacks. */
export const splitFiles: Protocol = ([train = '', test = '']) => {
  const learn = sessionsOf(readClicks(train)).filter(hasPairs);
  return [{ learn, predict: onlyKnown(sessionsOf(readClicks(test)), new Set(learn.flat())) }];
};

/** Pickles of the training sessions, and of the prefixes of test sessions with the item that follows each. */
export const prefixFiles: Protocol = ([train = '', test = '']) => {
  const learn = (readPickle(readBytes(train), train) as number[][]).map((items) => items.map(String));
  const [prefixes, targets] = readPickle(readBytes(test), test) as [number[][], number[]];
  const joined = joinPrefixes(prefixes, targets).map((items) => items.map(String));
  return [{ learn: learn.filter(hasPairs), predict: onlyKnown(joined, new Set(learn.flat())) }];
};

/** The sessions that prefixes come from, the longest of each first: each position of a session then predicts what a prefix did. */
export function joinPrefixes(
  prefixes: readonly (readonly number[])[],
  targets: readonly number[],
): number[][] {
  const sessions: number[][] = [];
  let [left, of]: [number, number[]] = [0, []];
  for (const [at, prefix] of prefixes.entries()) {
    const items = [...prefix, targets[at] ?? Number.NaN];
    const goesOn = items.length === left && items.every((item, place) => item === of[place]);
    left = prefix.length;
    if (goesOn) continue;
    of = items;
    sessions.push(items);
  }
  return sessions;
}

/**
 * A line per user, who comes first, then the items: the last one is predicted from all before it.
 * @param heldOut - items at the end of each user that are not learnt.
 */
export const leaveOut =
  (heldOut: 1 | 2): Protocol =>
  ([path = '']) => {
    const users = linesOf(path).map((line) => line.split(' ').slice(1));
    const learn = users.map((items) => items.slice(0, -heldOut));
    const known = new Set(learn.flat());
    const predict = users.map((items) => {
      const before = items.slice(0, -1).filter((item) => known.has(item));
      const [target = ''] = items.slice(-1);
      // An item that was not learnt is a miss, as is one that the user has seen: lists leave it out.
      return [...before, known.has(target) ? target : (before.at(-1) ?? '')];
    });
    return [{ learn, predict }];
  };

/**
 * A file of clicks per period: each but the first is predicted with what was learnt of all before it.
 * @param once - learns periods after the first as a stream, each click once.
 */
export const periods =
  ({ days, once = false }: { readonly days: number; readonly once?: boolean }): Protocol =>
  (paths) => {
    const known = new Set<string>();
    const all = paths.map((path) => readClicks(path, days * DAY_MS));
    return all.slice(1).map((next, at) => {
      const clicks = all[at] ?? [];
      for (const { item } of clicks) known.add(item);
      const predict = onlyKnown(sessionsOf(next), known);
      return { learn: sessionsOf(clicks), predict, ...(once && at > 0 && { clicks }) };
    });
  };

const DAY_MS = 86_400_000;

const hasPairs = ({ length }: Session): boolean => length > 1;

const onlyKnown = (sessions: readonly Session[], known: ReadonlySet<string>): Session[] =>
  sessions.map((items) => items.filter((item) => known.has(item))).filter(hasPairs);

/** In the order of their first clicks. */
function sessionsOf(clicks: readonly LearnerClick[]): string[][] {
  const sessions = new Map<string, string[]>();
  for (const { session, item } of clicks) {
    const items = sessions.get(session);
    if (items) items.push(item);
    else sessions.set(session, [item]);
  }
  return [...sessions.values()];
}

/** Clicks in order of time. @param spanMs - the time of a file without times, which its clicks share evenly. */
function readClicks(path: string, spanMs?: number): LearnerClick[] {
  const lines = linesOf(path);
  if (spanMs !== undefined) {
    return lines.map((line, at) => {
      const [session = '', item = ''] = line.split(' ');
      return { session, item, timeMs: (spanMs * at) / lines.length };
    });
  }
  const [head = '', ...rows] = lines.map((line) => line.split('\t'));
  const [session, item, time] = ['SessionId', 'ItemId', 'Time'].map((name) => head.indexOf(name));
  const clicks = rows.map((row) => ({
    session: row[session as number] ?? '',
    item: row[item as number] ?? '',
    timeMs: 1000 * Number(row[time as number]),
  }));
  return clicks.sort((a, b) => a.timeMs - b.timeMs);
}

const linesOf = (path: string): string[] => readBytes(path).toString('utf8').trim().split(/\r?\n/);

/** @throws UsageError naming a file that does not exist. */
function readBytes(path: string): Buffer {
  const found = [path, `${path}.gz`].find((name) => existsSync(name));
  if (found === undefined) throw new UsageError(`field: expected ${path}, which does not exist`);
  return found === path ? readFileSync(path) : gunzipSync(readFileSync(found));
}
