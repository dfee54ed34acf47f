import { evaluate, type Scorer } from '@gru4rec/metrics';
import type { Gru4Rec } from '@gru4rec/model';
import type { ReplayReport } from '@gru4rec/report';
import {
  type ContenderContext,
  type Knowledge,
  makeContender,
  type ReplayContender,
} from './replay-contenders.ts';
import { type KnownSessions, LogReader, type ReplayLog } from './replay-log.ts';
import { type ReplayFacts, ReplayRecord, replayReport } from './replay-record.ts';

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
  /** File that keeps the periods, from which a stopped replay goes on. */
  readonly record?: string | undefined;
  /** JSON that says which model, log and options these are, for `record`. */
  readonly identity?: unknown;
  /** Called after each period. */
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

/**
 * Walks through a log in order of time: at the start of each period, every contender is updated with all clicks before
 * it; then each next click of the period is predicted, and learnt after that (prequential evaluation: Dawid 1984). Within
 * a period, a contender knows the earlier clicks of the session that it predicts, and no other click of the period.
 *
 * A target that a contender does not know, or whose session has no click before it that the contender knows, is a miss.
 *
 * @param log - read only.
 * @throws RangeError if there is nothing to predict; UsageError for an unknown contender; NonFiniteLossError if the
 *   learner's loss becomes NaN or infinite.
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
  const record = await ReplayRecord.open(options.record, options.identity);
  reader.readTo(first);
  const contenders = names.map((name) => makeContender(name, { ...options, reader }));
  try {
    for (const [number, { startMs, to }] of periodsOf(log.timesMs, { first, end, everyMs }).entries()) {
      const from = reader.end;
      const isRecorded = number < record.periods.length;
      const period = isRecorded ? undefined : await predict(reader, { startMs, to, contenders, lists });
      reader.readTo(to);
      for (const contender of contenders) {
        const taken = await secondsOf(() => contender.learn(from));
        if (period) period.seconds[contender.name] = (period.seconds[contender.name] ?? 0) + taken;
      }
      if (period) await record.add(period);
      options.onProgress?.({ clicks: to - first, total: end - first });
    }
  } finally {
    for (const contender of contenders) contender.dispose();
  }
  return replayReport(record.periods, { names, ...lists, isKnown: isKnownTo(options.model, log) });
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

/** Predicts the next clicks of a period by what contenders know before it, and reads the log to its end. */
async function predict(reader: LogReader, { startMs, to, contenders, lists }: Period) {
  const seconds: Record<string, number> = {};
  const knowledge = new Map<string, Knowledge>();
  for (const { name, knowledge: know } of contenders) {
    seconds[name] = await secondsOf(async () => knowledge.set(name, await know()));
  }
  const start = reader.end;
  const sessions = reader.readTo(to);
  const next = reader.nextClicks(sessions, start);
  const ranks: Record<string, readonly number[]> = {};
  for (const [name, { scorer, known }] of knowledge) {
    ranks[name] = ranksOf(scorer, reader.knownSessions(sessions, start, known), next.item.length, lists);
  }
  return { startMs, session: Array.from(next.session), item: Array.from(next.item), ranks, seconds };
}

const RANKS = { keepRanks: true, lists: false, tieRule: 'standard' } as const;

/** @returns [predictions] rank from 1; 0 where the target is in no list (fresh). */
function ranksOf(scorer: Scorer, sessions: KnownSessions, predictions: number, lists: Period['lists']) {
  const found = Array<number>(predictions).fill(0);
  if (sessions.sessionOffsets.length < 2) return found;
  const { cutoff, excludeSeen } = lists;
  const { ranks } = evaluate(scorer, sessions, { ...RANKS, cutoffs: [cutoff], excludeSeen });
  for (const [at, rank] of ranks?.rank.entries() ?? []) {
    const [session, position] = [ranks?.session[at] as number, ranks?.position[at] as number];
    const number = sessions.nextClick[(sessions.sessionOffsets[session] as number) + position] as number;
    if (number >= 0 && rank <= cutoff) found[number] = rank;
  }
  return found;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Whether the model has a row for an item of the log before it learns, and training events for it as far as known. */
function isKnownTo(model: Gru4Rec, { itemIds, support }: ReplayLog): (item: number) => boolean {
  return (item) => support?.[item] !== 0 && model.itemIndex(itemIds.at(item) as string) !== undefined;
}
