import type { PrepareOptions } from '../src/index.ts';

/** An event of the file, in file order. */
export interface LogEvent {
  readonly session: string;
  readonly item: string;
  readonly ms: number;
}

interface Event extends LogEvent {
  readonly split: 'train' | 'test';
}

export interface PlainDataset {
  readonly items: readonly { id: string; support: number }[];
  readonly splits: Record<
    string,
    readonly { id: string; items: readonly string[]; times: readonly number[] }[]
  >;
}

type Session = { id: string; events: Event[] };

/**
 * The rules of prepare in simple JavaScript, with sorts and maps, all in memory.
 *
 * @param kept - items that are kept even if they are rare.
 * @param catalogue - items that validation and test sessions may have, and that follow those of training.
 * @param oldEnds - ends of earlier sessions from which `keepMs` counts too. Undefined: if `keepMs` removes more than half of the others.
 */
export function naivePrepare(
  log: readonly LogEvent[],
  testLog: readonly LogEvent[] | undefined,
  options: Omit<PrepareOptions, 'inputs' | 'output'>,
  kept: ReadonlySet<string> = new Set(),
  oldEnds?: readonly number[],
  catalogue: readonly string[] = [],
): PlainDataset | undefined {
  const { minSessionLength = 2, maxSessionLength = Infinity, minItemSupport = 1 } = options;
  const events = inOrderOfTime(log, testLog);
  const order = new Map(events.map((event, index) => [event, index]));
  const first = (session: Session) => order.get(session.events[0] as Event) ?? 0;

  const bySession = (sessions: Session[]): Session[] =>
    sessions
      .map(({ id, events: all }) => ({
        id,
        events: options.collapseRepeats
          ? all.filter((event, index) => index === 0 || event.item !== all[index - 1].item)
          : all,
      }))
      .filter(({ events: all }) => all.length >= minSessionLength && all.length <= maxSessionLength);
  const bySupport = (sessions: Session[]): Session[] => {
    const support = countItems(sessions);
    const isKept = ({ item }: Event) => kept.has(item) || (support.get(item) ?? 0) >= minItemSupport;
    return sessions.map(({ id, events: all }) => ({ id, events: all.filter(isKept) }));
  };
  const filterAll = (sessions: Session[], support: (s: Session[]) => Session[]) =>
    minItemSupport === 1 ? bySession(sessions) : bySession(support(bySession(sessions)));

  const sessions = cut(events, options);
  const oldest = oldestKept(events, options, oldEnds);
  const all = sessions.filter((session) => end(session) >= oldest).sort((a, b) => first(a) - first(b));
  const [total, left] = oldEnds
    ? [oldEnds.length, oldEnds.filter((ms) => ms >= oldest).length]
    : [sessions.length, all.length];
  if (left < total / 2 && !options.forceKeep) return undefined;
  const isTest = (session: Session) => session.events[0].split === 'test';
  let train = filterAll(
    all.filter((session) => !isTest(session)),
    bySupport,
  );
  let test = testLog && filterAll(all.filter(isTest), (sessions) => sessions);
  let validation: Session[] | undefined;
  const trained = train.length;
  const { testDays, testFrom, testFraction } = options;
  const { validationDays, validationFrom, validationFraction } = options;
  const share = (fraction: number) => Math.round(fraction * trained);
  if (testDays !== undefined) [train, test] = splitLast(train, testDays);
  if (testFrom !== undefined) [train, test] = splitFrom(train, Date.parse(testFrom));
  if (testFraction !== undefined) [train, test] = splitLatest(train, share(testFraction), first);
  if (validationDays !== undefined) [train, validation] = splitLast(train, validationDays);
  if (validationFrom !== undefined) [train, validation] = splitFrom(train, Date.parse(validationFrom));
  if (validationFraction !== undefined) {
    [train, validation] = splitLatest(train, share(validationFraction), first);
  }

  const support = countItems(train);
  const isKnown = ({ item }: Event) => support.has(item) || catalogue.includes(item);
  const known = (sessions: Session[] | undefined) =>
    sessions && bySession(sessions.map(({ id, events: own }) => ({ id, events: own.filter(isKnown) })));
  const splits = { train, validation: known(validation), test: known(test) };
  const given = Object.entries(splits).filter(([, sessions]) => sessions !== undefined) as [
    string,
    Session[],
  ][];
  if (given.some(([, sessions]) => sessions.length === 0)) return undefined;
  const inOrder = train
    .flatMap((session) => session.events)
    .sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  const items = new Set([...inOrder.map(({ item }) => item), ...catalogue]);
  return {
    items: [...items].map((id) => ({ id, support: support.get(id) ?? 0 })),
    splits: Object.fromEntries(
      given.map(([name, sessions]) => [
        name,
        [...sessions]
          .sort((a, b) => first(a) - first(b))
          .map(({ id, events: own }) => ({
            id,
            items: own.map(({ item }) => item),
            times: own.map(({ ms }) => ms),
          })),
      ]),
    ),
  };
}

function cut(
  events: readonly Event[],
  options: Pick<PrepareOptions, 'userColumn' | 'sessionGapMs'>,
): Session[] {
  const { userColumn, sessionGapMs = 30 * 60_000 } = options;
  const sessions = new Map<string, Session>();
  const counts = new Map<string, number>();
  const lastMs = new Map<string, number>();
  for (const event of events) {
    const key = `${event.split} ${event.session}`;
    const isNew = event.ms - (lastMs.get(key) ?? -Infinity) > sessionGapMs;
    lastMs.set(key, event.ms);
    if (isNew) counts.set(key, (counts.get(key) ?? 0) + 1);
    const id = userColumn === undefined ? event.session : `${event.session}#${counts.get(key)}`;
    const own = sessions.get(`${event.split} ${id}`) ?? { id, events: [] };
    own.events.push(event);
    sessions.set(`${event.split} ${id}`, own);
  }
  return [...sessions.values()];
}

const end = (session: Session) => session.events.at(-1)?.ms ?? 0;

/** The earliest end of sessions that `keepMs` keeps: it counts from the 99.9 % quantile of the ends, by lower rank. */
export function oldestKept(
  events: readonly Event[],
  options: Omit<PrepareOptions, 'inputs' | 'output'>,
  oldEnds: readonly number[] = [],
): number {
  const ends = [...cut(events, options).map(end), ...oldEnds].sort((a, b) => a - b);
  return (ends[Math.floor((999 * (ends.length - 1)) / 1000)] ?? 0) - (options.keepMs ?? Infinity);
}

export function inOrderOfTime(log: readonly LogEvent[], testLog: readonly LogEvent[] = []): Event[] {
  return [
    ...log.map((event) => ({ ...event, split: 'train' as const })),
    ...testLog.map((event) => ({ ...event, split: 'test' as const })),
  ].sort((a, b) => a.ms - b.ms);
}

function splitLast(sessions: Session[], days: number): [Session[], Session[]] {
  return splitFrom(sessions, Math.max(0, ...sessions.map(end)) - days * 86_400_000);
}

/** The latest sessions by their end, then by their start. */
function splitLatest(
  sessions: Session[],
  wanted: number,
  first: (session: Session) => number,
): [Session[], Session[]] {
  const latest = [...sessions].sort((a, b) => end(b) - end(a) || first(b) - first(a)).slice(0, wanted);
  const isLatest = new Set(latest);
  return [sessions.filter((session) => !isLatest.has(session)), latest];
}

function splitFrom(sessions: Session[], from: number): [Session[], Session[]] {
  return [
    sessions.filter((session) => end(session) < from),
    sessions.filter((session) => end(session) >= from),
  ];
}

function countItems(sessions: readonly Session[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { item } of sessions.flatMap(({ events }) => events))
    counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
