import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { LearnerClick } from '@gru4rec/model';
import { RandomStream, shuffleInPlace } from '@gru4rec/random';
import { UsageError } from '../command-line.ts';
import { readPickle } from './pickle.ts';

type Session = readonly string[];

/** Sessions to learn, as a stream if each click is to be learnt once, and then sessions of known items to predict. */
export interface Stage {
  readonly learn: readonly Session[];
  readonly clicks?: readonly LearnerClick[];
  /** Whether to forget what was learnt before. */
  readonly anew?: true;
  readonly predict: readonly Session[];
  /** Numbers of the attributes of items, by item, if they are learnt too. */
  readonly attributes?: Readonly<Record<string, readonly number[]>>;
}

/** Reads published files as they are, or with `.gz` after their names. */
export type Protocol = (paths: readonly string[]) => readonly Stage[];

/** A file of training clicks and one of test clicks, of which `prepare` would keep the same. */
export const splitFiles: Protocol = ([train = '', test = '']) => {
  const learn = sessionsOf(readClicks(train)).filter(hasPairs);
  return [{ learn, predict: onlyKnown(sessionsOf(readClicks(test)), new Set(learn.flat())) }];
};

/** Pickles of the training sessions, and of prefixes of test sessions with the item that follows each. */
export const prefixFiles: Protocol = ([train = '', test = '']) => {
  const learn = textsOf(readPickle(readBytes(train), train) as number[][]).filter(hasPairs);
  const [prefixes, targets] = readPickle(readBytes(test), test) as [number[][], number[]];
  return [{ learn, predict: onlyKnown(textsOf(joinPrefixes(prefixes, targets)), new Set(learn.flat())) }];
};

/** The sessions of prefixes, the longest of each first: a position of a session predicts what a prefix does. */
export function joinPrefixes(prefixes: readonly number[][], targets: readonly number[]): number[][] {
  const sessions: number[][] = [];
  let left = 0;
  for (const [at, prefix] of prefixes.entries()) {
    const items = [...prefix, targets[at] ?? Number.NaN];
    const goesOn = items.length === left && items.every((item, place) => item === sessions.at(-1)?.[place]);
    left = prefix.length;
    if (!goesOn) sessions.push(items);
  }
  return sessions;
}

/**
 * A line per user, who comes first, and the attributes of items as JSON, if they are learnt. The last item is predicted; the
 * last `heldOut` ones are not learnt. Users are learnt in a drawn order.
 */
export function leaveOut(heldOut: 1 | 2): Protocol {
  return ([path = '', attributes]) => {
    const users = linesOf(path).map((line) => line.split(' ').slice(1));
    const order = Int32Array.from(users.keys());
    shuffleInPlace(order, new RandomStream(1, 'field.users'));
    const learn = Array.from(order, (user) => users[user]?.slice(0, -heldOut) ?? []);
    const known = new Set(learn.flat());
    const predict = users.map((items) => {
      const before = items.slice(0, -1).filter((item) => known.has(item));
      const [target = ''] = items.slice(-1);
      // Lists leave out what the user has seen. To predict it is a miss, as is a target that was not learnt.
      return [...before, known.has(target) ? target : (before.at(-1) ?? '')];
    });
    return [
      { learn, predict, ...(attributes && { attributes: JSON.parse(readBytes(attributes).toString()) }) },
    ];
  };
}

/**
 * A file of clicks per period, each predicted with what was learnt of all before.
 *
 * @param way - learns the later ones as streams, or all periods so far anew.
 */
export function periods(days: number, way?: 'once' | 'anew'): Protocol {
  return (paths) => {
    const known = new Set<string>();
    const files = paths.map((path) => readClicks(path, days * 86_400_000));
    const sessions = files.map(sessionsOf);
    return files.slice(1).map((_, at) => {
      const clicks = files[at] ?? [];
      for (const { item } of clicks) known.add(item);
      const predict = onlyKnown(sessions[at + 1] ?? [], known);
      if (way === 'anew') return { learn: sessions.slice(0, at + 1).flat(), predict, anew: true };
      return { learn: sessions[at] ?? [], predict, ...(way && at > 0 && { clicks }) };
    });
  };
}

const hasPairs = ({ length }: Session): boolean => length > 1;

const textsOf = (sessions: readonly number[][]): string[][] => sessions.map((items) => items.map(String));

const onlyKnown = (sessions: readonly Session[], known: ReadonlySet<string>): Session[] =>
  sessions.map((items) => items.filter((item) => known.has(item))).filter(hasPairs);

/** In the order of their first clicks. */
function sessionsOf(clicks: readonly LearnerClick[]): string[][] {
  const sessions = new Map<string, string[]>();
  for (const { session, item } of clicks) {
    if (!sessions.get(session)?.push(item)) sessions.set(session, [item]);
  }
  return [...sessions.values()];
}

/** Clicks in order of time. @param spanMs - of a file without header and times: the time that its clicks share evenly. */
function readClicks(path: string, spanMs?: number): LearnerClick[] {
  const rows = linesOf(path).map((line) => line.split(/[\t ]/));
  const names = ['SessionId', 'ItemId', 'Time'];
  const head = spanMs === undefined ? rows.shift() : names;
  const [session = -1, item = -1, time = -1] = names.map((name) => head?.indexOf(name));
  const clicks = rows.map((row, at) => {
    const timeMs = spanMs === undefined ? 1000 * Number(row[time]) : (spanMs * at) / rows.length;
    return { session: row[session] ?? '', item: row[item] ?? '', timeMs };
  });
  return clicks.sort((a, b) => a.timeMs - b.timeMs);
}

const linesOf = (path: string): string[] => readBytes(path).toString('utf8').trim().split(/\r?\n/);

function readBytes(path: string): Buffer {
  if (existsSync(path)) return readFileSync(path);
  if (existsSync(`${path}.gz`)) return gunzipSync(readFileSync(`${path}.gz`));
  throw new UsageError(`field: expected ${path}, which does not exist. --data-folder has the clones`);
}
