import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { checkReplaceable, recover, replaceFile, replaceFolder } from '@gru4rec/durable-files';
import { type Gru4Rec, type LearnerState, loadModel } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { DAY_MS, lineEnd, pathOfDay } from '../event-log/day-file.ts';
import type { LogPlaces, LogPosition } from '../event-log/log-lines.ts';
import type { ComparisonState } from './guard.ts';
import type { ClockState } from './log-clock.ts';

const STATE = 'learner.bin';
const FORMAT = 2;
const HASH_BYTES = 32;
/** The most stops in a row. The last one is for good. */
const STOPS = 3;
const MARKS = 64;

/** Both or none are written. */
export async function saveLearner(output: string, model: Gru4Rec, state: SavedLearner): Promise<void> {
  const bytes = bytesOf(state);
  await replaceFolder(output, { check: () => checkReplaceable(output, [STATE]) }, async (folder, scratch) => {
    const made = join(scratch, 'model');
    await model.save(made);
    for (const name of await readdir(made)) await rename(join(made, name), join(folder, name));
    await writeFile(join(folder, STATE), bytes);
  });
}

function bytesOf(state: SavedLearner): Buffer {
  const content = serialize({ format: FORMAT, ...state });
  return Buffer.concat([sha256(content), content]);
}

/** How far a log was learnt, and the marks by which the file that was learnt last, the last one, is recognised. */
export interface SavedPlace {
  readonly learnt: Map<string, number>;
  readonly marks: readonly string[];
}

export interface SavedLog extends SavedPlace {
  readonly directory: string;
}

export interface LearnStop {
  readonly reason: 'behind' | 'not finite' | 'failed';
  readonly message: string;
  readonly at: string;
  readonly stops: number;
  readonly until?: string | undefined;
  readonly isOver: boolean;
}

export interface SavedLearner extends SavedPlace {
  readonly base: string;
  readonly others?: readonly SavedLog[];
  readonly clock: ClockState;
  readonly guard: ComparisonState;
  readonly stop?: LearnStop | undefined;
  readonly learner: LearnerState;
}

export async function openLearner(
  output: string,
  engine: Engine,
): Promise<{ readonly model: Gru4Rec; readonly saved: SavedLearner } | undefined> {
  const saved = await readSaved(output);
  return saved && { model: await loadModel(output, { engine }), saved };
}

/** Gives sessions that a learner saved names that no click has, while it does not save. */
export async function forgetSaved(output: string, ids: ReadonlySet<string>): Promise<void> {
  const saved = await readSaved(output);
  const { sessions } = saved?.learner ?? {};
  if (!saved || !sessions?.ids.some((id) => ids.has(id))) return;
  const left = { ...sessions, ids: sessions.ids.map((id) => (ids.has(id) ? randomUUID() : id)) };
  const state = { ...saved, learner: { ...saved.learner, sessions: left } };
  await replaceFile(join(output, STATE), [bytesOf(state)]);
}

async function readSaved(output: string): Promise<SavedLearner | undefined> {
  await recover(output);
  await checkReplaceable(output, [STATE]);
  const file = join(output, STATE);
  if (!existsSync(file)) return undefined;
  const refuse = (problem: string) =>
    new Error(`${file} ${problem}. Put back a copy of the folder, or delete it to begin anew`);
  const bytes = await readFile(file);
  const content = bytes.subarray(HASH_BYTES);
  if (!sha256(content).equals(bytes.subarray(0, HASH_BYTES)))
    throw refuse('is damaged: it differs from its checksum');
  // What has its checksum was written by `saveLearner`, of this or of another version.
  const { format, ...saved } = stateIn(content, refuse);
  if (format !== FORMAT) throw refuse(`has format version ${format}; this program reads ${FORMAT}`);
  return saved;
}

function stateIn(content: Buffer, refuse: (problem: string) => Error) {
  try {
    return deserialize(content) as SavedLearner & { readonly format: number };
  } catch {
    throw refuse(`cannot be read by Node ${process.version}; a newer one may have written it`);
  }
}

export function advance(learnt: Map<string, number>, { day, bytes }: LogPosition): void {
  learnt.delete(day);
  learnt.set(day, bytes);
}

export function latestOf(learnt: LogPlaces): LogPosition {
  const [day, bytes] = [...learnt].at(-1) ?? ['', 0];
  return { day, bytes };
}

/** Where the files end that a dataset has, which has all days up to one; without a day, where all end. */
export function placesBehind(ends: LogPlaces, through: string | undefined): Map<string, number> {
  return new Map([...ends].filter(([day]) => through === undefined || day <= through));
}

export async function placeIn(events: string, learnt: LogPlaces): Promise<SavedPlace> {
  return { learnt: new Map(learnt), marks: await marksOf(events, latestOf(learnt)) };
}

/** The places up to which a log is learnt, after a power cut that took the end of a file too. */
export async function placesOf(events: string, { learnt, marks }: SavedPlace): Promise<Map<string, number>> {
  const latest = latestOf(learnt);
  const { day, bytes } = latest;
  const file = pathOfDay(events, day);
  if (!existsSync(file)) return new Map(learnt);
  const left = Math.min(bytes, (await stat(file)).size);
  const end = (await lineEnd(file, left)) ?? left;
  const now = await marksOf(events, latest);
  const isSame = now.every((mark, at) => (marks[at] ?? mark).startsWith(mark));
  if (isSame && (left < bytes || end === bytes)) return new Map(learnt).set(day, end);
  throw new Error(
    `The event log ${events} is not the one that was learnt from: its clicks of ${day} are others`,
  );
}

const HEAD_BYTES = 1 << 16;

/** The ends of the first lines before a place, each with a hash of the line if it is not blank, as `forget` leaves it. */
async function marksOf(events: string, { day, bytes }: LogPosition): Promise<string[]> {
  const file = pathOfDay(events, day);
  if (!existsSync(file)) return [];
  const handle = await open(file);
  try {
    const length = Math.min(bytes, HEAD_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    const lines = buffer.toString('latin1', 0, bytesRead).split('\n').slice(0, -1);
    let end = 0;
    return lines.slice(0, MARKS).map((line) => {
      end += line.length + 1;
      return `${end} ${line.trim() && sha256(Buffer.from(line)).toString('base64')}`;
    });
  } finally {
    await handle.close();
  }
}

function sha256(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

/** The pause after the first stop in a row. Each pause is twice as long as the one before. */
const PAUSE_MS = 3_600_000;

export function nextStop(
  { reason, message }: Pick<LearnStop, 'reason' | 'message'>,
  before: LearnStop | undefined,
): LearnStop {
  const nowMs = Date.now();
  // A stop a day after a pause is the first in a row.
  const isInRow = nowMs < Date.parse(before?.until ?? '') + DAY_MS;
  const stops = before && isInRow ? before.stops + 1 : 1;
  const untilMs = nowMs + PAUSE_MS * 2 ** (stops - 1);
  const until = reason !== 'failed' && stops < STOPS ? new Date(untilMs).toISOString() : undefined;
  return { reason, message, at: new Date(nowMs).toISOString(), stops, until, isOver: false };
}

/** It has, too, if it began by a clock that was ahead. */
export function isDue({ at, until }: LearnStop): boolean {
  const nowMs = Date.now();
  return until !== undefined && (nowMs >= Date.parse(until) || nowMs < Date.parse(at));
}
