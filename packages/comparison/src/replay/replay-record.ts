import { appendFile, readFile, truncate } from 'node:fs/promises';

/** The predictions of one period. */
export interface RecordedPeriod {
  /** Start of the period, in milliseconds since 1970 UTC. */
  readonly startMs: number;
  /** [P] number of the session in the log. */
  readonly session: readonly number[];
  /** [P] item, an index of the log. */
  readonly item: readonly number[];
  /** Per contender [P] rank from 1; 0 where the target was in no list. */
  readonly ranks: Readonly<Record<string, readonly number[]>>;
  /** Per contender, seconds that it learnt for. */
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
   * Opens a record, or begins one. An incomplete last line, which a killed replay left, is dropped.
   * @param file - undefined to keep the periods in memory only.
   * @param identity - JSON that determines the predictions.
   * @throws Error if the file is of another replay, or damaged.
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
