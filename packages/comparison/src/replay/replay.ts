import { evaluate, pairedBootstrap, type RankedRun, type Ranks, type Scorer } from '@gru4rec/metrics';
import type { Gru4Rec } from '@gru4rec/model';
import type { ReplayDifference, ReplayedContender, ReplayFigures, ReplayReport } from '@gru4rec/report';
import {
  type ContenderContext,
  type Knowledge,
  makeContender,
  type ReplayContender,
} from './replay-contenders.ts';
import { type KnownSessions, LogReader, type ReplayLog } from './replay-log.ts';

/** How far a replay is. */
export interface ReplayProgress {
  /** Clicks walked through, of those from `fromMs` to `toMs`. */
  readonly clicks: number;
  readonly total: number;
}

/** Options of `replay`. */
export interface ReplayOptions extends Omit<ContenderContext, 'reader'> {
  /** Names of contenders, such as `learner`, `frozen`, `nightly` or a baseline. */
  readonly contenders: readonly string[];
  /** Clicks before are known from the start, and not predicted: the first click of the log if not given. */
  readonly fromMs?: number | undefined;
  /** Clicks from here on are left out. */
  readonly toMs?: number | undefined;
  /** Time between updates of what contenders know, in milliseconds. */
  readonly everyMs: number;
  /** Length of the recommendation lists. */
  readonly cutoff: number;
  /** As in `evaluate`: no list has items that its session has clicked, so a repeated click is a miss. Default false. */
  readonly excludeSeen?: boolean | undefined;
  /** Called after each period. */
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

/**
 * At the start of each period, every contender is updated with all clicks before it; then each next click of the period is
 * predicted (prequential evaluation: Dawid 1984), from the earlier clicks of its session and no other click of the period. A
 * target that a contender does not know, or before which it knows no click of the session, is a miss.
 * @param log - read only.
 * @throws RangeError if there is nothing to predict; UsageError for an unknown contender; NonFiniteLossError if the learner's
 * loss becomes NaN or infinite.
 */
export async function replay(log: ReplayLog, options: ReplayOptions): Promise<ReplayReport> {
  const {
    contenders: names,
    fromMs = Number.NEGATIVE_INFINITY,
    toMs = Number.POSITIVE_INFINITY,
    everyMs,
  } = options;
  const lists = { cutoff: options.cutoff, excludeSeen: options.excludeSeen ?? false };
  const reader = new LogReader(log);
  const [first, end] = [fromMs, toMs].map((ms) => placeOf(log.timesMs, ms)) as [number, number];
  const periods: PredictedPeriod[] = [];
  reader.readTo(first);
  const contenders = names.map((name) => makeContender(name, { ...options, reader }));
  try {
    for (const { startMs, to } of periodsOf(log.timesMs, { first, end, everyMs })) {
      const from = reader.end;
      const period = await predict(reader, { startMs, to, contenders, lists });
      for (const contender of contenders) {
        const taken = await secondsOf(() => contender.learn(from));
        period.seconds[contender.name] = (period.seconds[contender.name] ?? 0) + taken;
      }
      periods.push(period);
      options.onProgress?.({ clicks: to - first, total: end - first });
    }
  } finally {
    for (const contender of contenders) contender.dispose();
  }
  return replayReport(periods, { names, ...lists, isKnown: isKnownTo(options.model, log) });
}

function placeOf(timesMs: Float64Array, ms: number): number {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesMs[middle] as number) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function periodsOf(
  timesMs: Float64Array,
  { first, end, everyMs }: { readonly first: number; readonly end: number; readonly everyMs: number },
): { readonly startMs: number; readonly to: number }[] {
  const periods: { startMs: number; to: number }[] = [];
  for (let place = first; place < end; place++) {
    const startMs = Math.floor((timesMs[place] as number) / everyMs) * everyMs;
    const last = periods.at(-1);
    if (last?.startMs === startMs) last.to = place + 1;
    else periods.push({ startMs, to: place + 1 });
  }
  return periods;
}

interface Period {
  readonly startMs: number;
  readonly to: number;
  readonly contenders: readonly ReplayContender[];
  readonly lists: Pick<ReplayFacts, 'cutoff' | 'excludeSeen'>;
}

/** Reads the log to the end of the period. */
async function predict(reader: LogReader, { startMs, to, contenders, lists }: Period) {
  const seconds: Record<string, number> = {};
  const knowledge = new Map<string, Knowledge | undefined>();
  for (const { name, knowledge: know } of contenders) {
    seconds[name] = await secondsOf(async () => knowledge.set(name, await know()));
  }
  const start = reader.end;
  const sessions = reader.readTo(to);
  const next = reader.nextClicks(sessions, start);
  const ranks: Record<string, number[]> = {};
  for (const [name, know] of knowledge) {
    ranks[name] = Array<number>(next.item.length).fill(0);
    if (know) findRanks(know.scorer, reader.knownSessions(sessions, start, know.known), ranks[name], lists);
  }
  return { startMs, ...next, ranks, seconds };
}

const RANKS = { keepRanks: true, lists: false, tieRule: 'standard' } as const;

/** Writes ranks from 1 to `found` [predictions], where targets are in lists. */
function findRanks(scorer: Scorer, sessions: KnownSessions, found: number[], lists: Period['lists']): void {
  const { sessionOffsets: ends, items, nextClick } = sessions;
  if (ends.length < 2) return;
  const { cutoff, excludeSeen } = lists;
  const longest = ends.reduce((most, end, at) => Math.max(most, end - (ends[at - 1] ?? 0)), 0);
  // Whole vectors of slots that end together, the longest session first: a step takes as long with empty slots.
  const slots = Math.min(128, 16 * Math.max(1, Math.round(items.length / longest / 16)));
  const { ranks } = evaluate(scorer, sessions, { ...RANKS, cutoffs: [cutoff], excludeSeen, slots });
  for (const [at, rank] of ranks?.rank.entries() ?? []) {
    const [session, position] = [ranks?.session[at] as number, ranks?.position[at] as number];
    const number = nextClick[(ends[session] as number) + position] as number;
    if (number >= 0 && rank <= cutoff) found[number] = rank;
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Whether the model has a row, and training events as far as known, for an item. */
function isKnownTo(model: Gru4Rec, { itemIds, support }: ReplayLog): (item: number) => boolean {
  return (item) => support?.[item] !== 0 && model.itemIndex(itemIds.at(item) as string) !== undefined;
}

interface PredictedPeriod {
  readonly startMs: number;
  /** [P] number of the session in the log. */
  readonly session: readonly number[];
  /** [P] item, an index of the log. */
  readonly item: readonly number[];
  /** Per contender [P] rank from 1; 0 where the target was in no list. */
  readonly ranks: Readonly<Record<string, readonly number[]>>;
  readonly seconds: Readonly<Record<string, number>>;
}

interface ReplayFacts extends Pick<ReplayReport, 'cutoff' | 'excludeSeen'> {
  readonly names: readonly string[];
  /** Whether the model was trained on clicks of an item of the log before the replay. */
  readonly isKnown: (item: number) => boolean;
}

const RESAMPLES = 1000;

/** @throws RangeError if there is no prediction. */
function replayReport(
  periods: readonly PredictedPeriod[],
  { names, cutoff, excludeSeen, isKnown }: ReplayFacts,
): ReplayReport {
  const items = periods.flatMap(({ item }) => item);
  if (items.length === 0) {
    throw new RangeError('replay: expected clicks that follow another click of their session, got none.');
  }
  const all = (name: string) => periods.flatMap(({ ranks }) => ranks[name] ?? []);
  const isCold = items.map((item) => !isKnown(item));
  const evaluations = names.map((name) => evaluationOf(periods, all(name)));
  const contenders = names.map((name, at): ReplayedContender => {
    const ranks = all(name);
    const seconds = periods.reduce((sum, period) => sum + (period.seconds[name] ?? 0), 0);
    const figuresWhere = (cold: boolean) => figuresOf(ranks.filter((_, place) => isCold[place] === cold));
    const [first, other] = [evaluations[0] as RankedRun, evaluations[at] as RankedRun];
    const difference = at === 0 ? {} : { difference: differenceOf(first, other, cutoff) };
    return {
      name,
      ...figuresOf(ranks),
      warm: figuresWhere(false),
      cold: figuresWhere(true),
      seconds,
      ...difference,
    };
  });
  return {
    cutoff,
    excludeSeen,
    contenders,
    periods: periods
      .filter(({ item }) => item.length > 0)
      .map(({ startMs, ranks }) => ({ startMs, figures: names.map((name) => figuresOf(ranks[name] ?? [])) })),
  };
}

/** @param ranks - from 1; 0 where the target is in no list. */
function figuresOf(ranks: readonly number[]): ReplayFigures {
  const predictions = ranks.length;
  let [hits, reciprocal] = [0, 0];
  for (const rank of ranks) {
    if (rank === 0) continue;
    hits++;
    reciprocal += 1 / rank;
  }
  const mean = (sum: number) => (predictions === 0 ? 0 : sum / predictions);
  return { predictions, recall: mean(hits), mrr: mean(reciprocal) };
}

function differenceOf(first: RankedRun, other: RankedRun, cutoff: number): ReplayedContender['difference'] {
  const { recall, mrr } = pairedBootstrap([first], [other], { cutoff, resamples: RESAMPLES, seed: 1 });
  const shown = ({ difference, interval: [low, high] }: typeof recall): ReplayDifference => ({
    difference,
    interval: [low, high],
  });
  return { recall: shown(recall), mrr: shown(mrr) };
}

/** Ranks as an evaluation keeps them, session after session: what the bootstrap reads. */
function evaluationOf(periods: readonly PredictedPeriod[], ranks: readonly number[]): RankedRun {
  const sessions = periods.flatMap(({ session }) => session);
  const order = sessions
    .map((_, at) => at)
    .sort((a, b) => (sessions[a] as number) - (sessions[b] as number) || a - b);
  const rows = new Map<number, number>();
  for (const at of order) {
    const session = sessions[at] as number;
    if (!rows.has(session)) rows.set(session, rows.size);
  }
  const column = (of: (at: number) => number) => Int32Array.from(order, of);
  const none = new Int32Array(order.length);
  const kept: Ranks = {
    session: column((at) => rows.get(sessions[at] as number) as number),
    rank: Float64Array.from(order, (at) => ranks[at] || Number.POSITIVE_INFINITY),
    position: none,
    target: none,
    equal: none,
    sessionLengths: new Int32Array(rows.size),
  };
  return { ranks: kept, tieRule: 'standard' };
}
