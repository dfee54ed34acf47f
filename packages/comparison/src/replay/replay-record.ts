import { appendFile, readFile, truncate } from 'node:fs/promises';
import { type Evaluation, pairedBootstrap, type Ranks } from '@gru4rec/metrics';
import type { ReplayDifference, ReplayedContender, ReplayFigures, ReplayReport } from '@gru4rec/report';

export interface RecordedPeriod {
  readonly startMs: number;
  /** [P] number of the session in the log. */
  readonly session: readonly number[];
  /** [P] item, an index of the log. */
  readonly item: readonly number[];
  /** Per contender [P] rank from 1; 0 where the target was in no list. */
  readonly ranks: Readonly<Record<string, readonly number[]>>;
  readonly seconds: Readonly<Record<string, number>>;
}

/** The periods of a replay so far, also in a file of JSON Lines: a first line says which replay, then one per period. */
export class ReplayRecord {
  readonly #file: string | undefined;
  readonly #periods: RecordedPeriod[];

  private constructor(file: string | undefined, periods: RecordedPeriod[]) {
    this.#file = file;
    this.#periods = periods;
  }

  /**
   * Opens or begins a record, in memory without `file`. Drops an incomplete last line, which a killed replay left. `identity`:
   * JSON that determines the predictions. @throws Error if the file is of another replay, or damaged.
   */
  static async open(file: string | undefined, identity: unknown): Promise<ReplayRecord> {
    if (file === undefined) return new ReplayRecord(file, []);
    const first = JSON.stringify({ kind: 'gru4rec replay', identity });
    const text = await readIfThere(file);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const [found, ...lines] = whole.split('\n').slice(0, -1);
    // Another file is left as it is.
    if (found === undefined ? !first.startsWith(text) : found !== first) throw otherReplay(file);
    if (whole.length < text.length) await truncate(file, Buffer.byteLength(whole));
    if (found === undefined) await appendFile(file, `${first}\n`);
    return new ReplayRecord(
      file,
      lines.map((line, at) => parsePeriod(line, `${file}:${at + 2}`)),
    );
  }

  get periods(): readonly RecordedPeriod[] {
    return this.#periods;
  }

  async add(period: RecordedPeriod): Promise<void> {
    this.#periods.push(period);
    if (this.#file !== undefined) await appendFile(this.#file, `${JSON.stringify(period)}\n`);
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function otherReplay(file: string): Error {
  return new Error(
    `--record expected a new file or the record of this replay, got another, at ${file}. Name another file.`,
  );
}

function parsePeriod(line: string, place: string): RecordedPeriod {
  try {
    const period = JSON.parse(line) as RecordedPeriod;
    const predictions = period.item.length;
    const columns = [period.session, ...Object.values(period.ranks)];
    if (columns.every((column) => column.length === predictions)) return period;
  } catch {
    // The error below says what is wrong.
  }
  throw new Error(
    `--record expected a whole line per period, got a damaged one, at ${place}. Name another file.`,
  );
}

export interface ReplayFacts extends Pick<ReplayReport, 'cutoff' | 'excludeSeen'> {
  readonly names: readonly string[];
  /** Whether the model was trained on clicks of an item of the log before the replay. */
  readonly isKnown: (item: number) => boolean;
}

const RESAMPLES = 1000;

/** Figures of each contender over all periods, with paired intervals. @throws RangeError if there is no prediction. */
export function replayReport(
  periods: readonly RecordedPeriod[],
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
    const [first, own] = [evaluations[0] as Evaluation, evaluations[at] as Evaluation];
    const difference = at === 0 ? {} : { difference: differenceOf(first, own, cutoff) };
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
    ...{ cutoff, excludeSeen, contenders },
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

function differenceOf(first: Evaluation, other: Evaluation, cutoff: number): ReplayedContender['difference'] {
  const { recall, mrr } = pairedBootstrap([first], [other], { cutoff, resamples: RESAMPLES, seed: 1 });
  const shown = ({ difference, interval: [low, high] }: typeof recall): ReplayDifference => ({
    ...{ difference, interval: [low, high] },
  });
  return { recall: shown(recall), mrr: shown(mrr) };
}

/** Ranks as an evaluation keeps them, session after session: what the bootstrap reads. */
function evaluationOf(periods: readonly RecordedPeriod[], ranks: readonly number[]): Evaluation {
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
    ...{ position: none, target: none, equal: none, sessionLengths: new Int32Array(rows.size) },
  };
  return { ranks: kept, tieRule: 'standard' } as unknown as Evaluation;
}
