import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { createFile, recover, replaceFolder } from '@gru4rec/durable-files';
import { type Gru4Rec, type LearnerState, loadModel } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { daysOf, type LogPosition, readClicks } from '../event-log/read-clicks.ts';
import type { ComparisonState } from './falling-behind.ts';
import type { LearnStop } from './learner-messages.ts';
import type { ClockState } from './log-clock.ts';

/** How far the log of another server was learnt. */
export interface SavedLog extends Pick<SavedLearner, 'position' | 'marks'> {
  readonly directory: string;
}

/** What a learner needs beside its model to go on. */
export interface SavedLearner {
  /** Checksum of the model that it began with. */
  readonly base: string;
  /** All clicks of the log before it are learnt, and none behind it. */
  readonly position: LogPosition;
  /** Hashes of the latest lines before it, the last one first, by which it is found in a log that was rewritten. */
  readonly marks: readonly string[];
  /** The same of the logs of other servers. */
  readonly others?: readonly SavedLog[];
  readonly clock: ClockState;
  readonly guard: ComparisonState;
  readonly learner: LearnerState;
}

const STATE = 'learner.bin';
const STOPPED = 'stopped.json';
const FORMAT = 1;
const HASH_BYTES = 32;
/** The most lines that `SavedLearner.marks` has. */
export const MARKS = 64;

/** Writes the model, which serves and can be trained further like any other, and the state beside it: both or none. */
export async function saveLearner(output: string, model: Gru4Rec, state: SavedLearner): Promise<void> {
  const content = serialize({ format: FORMAT, ...state });
  await replaceFolder(output, { check: () => checkOwn(output) }, async (folder, scratch) => {
    const made = join(scratch, 'model');
    await model.save(made);
    for (const name of await readdir(made)) await rename(join(made, name), join(folder, name));
    await writeFile(join(folder, STATE), Buffer.concat([sha256(content), content]));
  });
}

/**
 * Reads what was saved last, by a process that was killed while it did so too.
 * @returns undefined if nothing was.
 * @throws Error if it is damaged or the folder holds something else.
 */
export async function openLearner(
  output: string,
  engine: Engine,
): Promise<{ readonly model: Gru4Rec; readonly saved: SavedLearner } | undefined> {
  await recover(output);
  await checkOwn(output);
  const file = join(output, STATE);
  if (!existsSync(file)) return undefined;
  const bytes = await readFile(file);
  const content = bytes.subarray(HASH_BYTES);
  if (!sha256(content).equals(bytes.subarray(0, HASH_BYTES))) throw new Error(`${file} is damaged`);
  const { format, ...saved } = deserialize(content) as SavedLearner & { readonly format: number };
  if (format !== FORMAT) throw new Error(`${file} has format ${format}, this release reads ${FORMAT}`);
  const model = await loadModel(output, { engine });
  const { steps } = saved.learner.step.course;
  const isOfModel = saved.learner.counts.length === model.itemIds.length;
  if (!isOfModel || (steps > 0 && model.history.at(-1)?.steps !== steps)) {
    throw new Error(`${file} belongs to another model than the one beside it`);
  }
  return { model, saved };
}

/** Says for later processes that a learner has stopped. */
export async function recordStop(output: string, stop: LearnStop): Promise<void> {
  await createFile(join(output, STOPPED), (path) => writeFile(path, `${JSON.stringify(stop)}\n`));
}

/** Why the learner of a folder has stopped; undefined if it has not. */
export async function readStop(output: string): Promise<LearnStop | undefined> {
  const file = join(output, STOPPED);
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as LearnStop) : undefined;
}

/** Hashes of the latest lines before a place of the log, the last one first. */
export async function marksBefore(events: string, { day, bytes }: LogPosition): Promise<string[]> {
  const file = join(events, `${day}.jsonl`);
  if (bytes === 0 || !existsSync(file)) return [];
  const lines = await linesBefore(file, bytes);
  return lines.map(markOf);
}

/**
 * The place in the log up to which a learner has learnt. Whole lines before it may have been removed since (`forget`).
 * @throws Error if the log is another one.
 */
export async function findPosition(
  events: string,
  { position, marks }: Pick<SavedLearner, 'position' | 'marks'>,
): Promise<LogPosition> {
  const days = await daysOf(events);
  if (marks.length === 0 || !days.includes(position.day)) return position;
  const [last] = await linesBefore(join(events, `${position.day}.jsonl`), position.bytes);
  if (last !== undefined && markOf(last) === marks[0]) return position;
  const start = { day: position.day, bytes: 0 };
  let found: { readonly mark: number; readonly bytes: number } | undefined;
  const end = { day: position.day, bytes: Number.POSITIVE_INFINITY };
  for await (const lines of readClicks(events, start, end)) {
    for (const line of lines) {
      const mark = marks.indexOf(markOf(line.text));
      if (mark >= 0 && mark <= (found?.mark ?? marks.length)) found = { mark, bytes: line.end.bytes };
    }
  }
  if (found) return { day: position.day, bytes: found.bytes };
  throw new Error(
    `The event log ${events} is not the one that was learnt from: its clicks of ${position.day} are others`,
  );
}

const LINE_BYTES = 1 << 16;
const NEWLINE = 0x0a;

/** The latest complete lines that end at a place of a file, the last one first; none if no line ends there. */
async function linesBefore(file: string, bytes: number): Promise<string[]> {
  const handle = await open(file);
  try {
    const length = Math.min(bytes, LINE_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, bytes - length);
    if (bytesRead < length || buffer.at(-1) !== NEWLINE) return [];
    const lines = buffer.toString('utf8', 0, length - 1).split('\n');
    // The first one may be the end of a line.
    return lines
      .slice(bytes > length ? 1 : 0)
      .slice(-MARKS)
      .reverse();
  } finally {
    await handle.close();
  }
}

/** The hash of a line, without its end. */
export function markOf(line: string): string {
  return sha256(Buffer.from(line)).toString('base64');
}

/** @throws Error if the folder holds something that a learner has not written. */
async function checkOwn(output: string): Promise<void> {
  const names = await readdir(output).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw cause;
  });
  if (names.length === 0 || names.includes(STATE) || names.includes(STOPPED)) return;
  throw new Error(`${output} holds other files than those of a learner. Name a new folder`);
}

function sha256(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}
