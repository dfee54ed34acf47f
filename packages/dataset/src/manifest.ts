import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { show } from '@gru4rec/checks';
import { checkJson, type JsonFlaw } from '@gru4rec/checks/json';
import type { Schema, TypeMap } from 'apache-arrow';
import { z } from 'zod';
import { ArrowError, type ArrowFile, openArrow } from './arrow/index.ts';

export const DATASET_FORMAT = 'gru4rec-sessions';
/** Incremented whenever an older reader would misread the files. */
export const DATASET_VERSION = 1;
export const MANIFEST_FILE = 'dataset.json';

/** The parts of a dataset, by the name of their file without `.arrow`. */
export type SplitName = 'train' | 'validation' | 'test';
export const splitNames: readonly SplitName[] = ['train', 'validation', 'test'];

/** A column of clicks besides their items and times, such as the type of the click or the device. */
export interface ContextColumn {
  readonly name: string;
  readonly values: readonly string[];
  /** Whether it has the types of the clicks; of one column at most. */
  readonly isType?: true | undefined;
}

/** The most distinct values of a context column. Others are folded into `OTHER_VALUES`. */
export const MOST_CONTEXT_VALUES = 1000;
/** The value of events whose own value is too rare to be kept. */
export const OTHER_VALUES = '(other)';

/** Size and checksum that a file must have. */
export interface FileRecord {
  readonly bytes: number;
  readonly sha256: string;
}

/** A record that no file has if there is none. */
export function recordFor({ files }: Pick<DatasetManifest, 'files'>, name: string): FileRecord {
  return files[name] ?? { bytes: 0, sha256: '' };
}

/** The values of uint16, less the one for no value. */
const MOST_VALUES = 2 ** 16 - 1;

const count = z.int().nonnegative();
/** Offsets are int32. */
export const MAX_COUNT: number = 2 ** 31 - 1;

const fileRecord = z.object({ bytes: count, sha256: z.string() });

const splitCounts = z.object({ sessions: count.max(MAX_COUNT), events: count });

/** Only these file names are valid, so that a manifest cannot name a path to open. */
const schema = z.object({
  format: z.literal(DATASET_FORMAT),
  formatVersion: z.literal(DATASET_VERSION),
  checksum: z.string(),
  counts: z.object({
    items: count.max(MAX_COUNT),
    splits: z.strictObject({
      train: splitCounts,
      validation: splitCounts.exactOptional(),
      test: splitCounts.exactOptional(),
    }),
  }),
  files: z.strictObject({
    'items.arrow': fileRecord,
    'train.arrow': fileRecord,
    'validation.arrow': fileRecord.exactOptional(),
    'test.arrow': fileRecord.exactOptional(),
  }),
  itemInfo: fileRecord.exactOptional(),
  contextColumns: z
    .array(
      z.strictObject({
        name: z.string(),
        values: z.array(z.string()).max(MOST_VALUES),
        isType: z.literal(true).exactOptional(),
      }),
    )
    .exactOptional(),
  manifestChecksum: z.string(),
  preparation: z.unknown(),
});

/** `dataset.json`: counts and checksums of the files, and how they were made. */
export interface DatasetManifest {
  readonly format: typeof DATASET_FORMAT;
  readonly formatVersion: typeof DATASET_VERSION;
  /** SHA-256 over the checksums of the files, which identifies the data independently of the folder's name. */
  readonly checksum: string;
  readonly counts: {
    readonly items: number;
    readonly splits: Partial<Record<SplitName, { readonly sessions: number; readonly events: number }>>;
  };
  readonly files: Readonly<Record<string, FileRecord>>;
  /** Record of `item-info.jsonl`, which `checksum` does not cover because it changes no event. */
  readonly itemInfo?: FileRecord | undefined;
  /** The context columns of every split, in order; absent in a dataset without. */
  readonly contextColumns?: readonly ContextColumn[] | undefined;
  /** SHA-256 of this manifest without this key. */
  readonly manifestChecksum: string;
  /** What the program that made the dataset says. Not interpreted here. */
  readonly preparation: unknown;
}

export const CHANGED = 'The file was changed; prepare the dataset again.';

/** @throws DataError if the text is not the manifest of a session dataset, or has another version. */
export function parseManifest(text: string, file: string): DatasetManifest {
  try {
    return checkManifest(JSON.parse(text), file);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    // JSON.parse also fails if nesting is too deep for the stack.
    throw invalid(file, `expected JSON, got ${text.length} characters that are not JSON`, { cause });
  }
}

function checkManifest(value: unknown, file: string): DatasetManifest {
  const record = isRecord(value) ? value : { format: value };
  const refuse = (key: string, expected: string, advice: string): DataError =>
    refused({ path: key, expected, got: show(record[key]) }, file, advice);
  if (record['format'] !== DATASET_FORMAT) {
    throw refuse('format', `'${DATASET_FORMAT}'`, 'This is not a session dataset; make one with prepare.');
  }
  if (record['formatVersion'] !== DATASET_VERSION) {
    const advice = 'Prepare the dataset again with this version.';
    throw refuse('formatVersion', String(DATASET_VERSION), advice);
  }
  const manifest = checkJson(schema, record, (flaw) => refused(flaw, file));
  const made = { manifestChecksum: manifestChecksum(record), checksum: combinedChecksum(manifest.files) };
  const changed = (['manifestChecksum', 'checksum'] as const).find((key) => manifest[key] !== made[key]);
  if (changed === undefined) return manifest;
  throw refuse(changed, 'the SHA-256 of what it covers', CHANGED);
}

function refused({ path, expected, got }: JsonFlaw, file: string, advice?: string): DataError {
  return invalid(file, `"${path}" expected ${expected}, got ${got}`, { advice, column: path });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The checksum of the JSON without white space and without the key `manifestChecksum`. */
export function manifestChecksum(manifest: object): string {
  const { manifestChecksum: _, ...rest } = manifest as { manifestChecksum?: unknown };
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/** Over one line `name sha256` per file, ordered by name. */
export function combinedChecksum(files: Readonly<Record<string, { readonly sha256: string }>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(files).sort()) hash.update(`${name} ${files[name]?.sha256}\n`);
  return hash.digest('hex');
}

/** The place in the input where an error was found. */
export interface DataErrorPlace {
  /** Path as the caller gave it. */
  readonly file?: string | undefined;
  /** From 1: a line of a text file, its header included; a record of a Parquet file. */
  readonly row?: number | undefined;
  readonly column?: string | undefined;
  readonly cause?: unknown;
}

/** Bad input: a message of one line, and the place of the error. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly file?: string;
  readonly row?: number;
  readonly column?: string;

  constructor(message: string, place: DataErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    if (place.file !== undefined) this.file = place.file;
    if (place.row !== undefined) this.row = place.row;
    if (place.column !== undefined) this.column = place.column;
  }
}

/** @param flaw - what was expected and what came. */
export function invalid(
  file: string,
  flaw: string,
  place: { readonly cause?: unknown; readonly column?: string; readonly advice?: string | undefined } = {},
): DataError {
  const { advice = 'Prepare the dataset again.' } = place;
  return new DataError(`readDataset: ${flaw}, at ${file}. ${advice}`, { file, ...place });
}

export function broken(path: string, what: string, expected: string, got: unknown): DataError {
  return invalid(path, `"${what}" expected ${expected}, got ${got}`, { column: what });
}

export interface OpenFile {
  readonly path: string;
  /** The caller closes it. */
  readonly handle: FileHandle;
  readonly bytes: number;
}

async function openFile(directory: string, name: string): Promise<OpenFile> {
  const path = join(directory, name);
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw noFile(path, (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : 'an error', cause);
  });
  const stats = await handle.stat();
  if (stats.isFile()) return { path, handle, bytes: stats.size };
  await handle.close();
  throw noFile(path, stats.isDirectory() ? 'a folder' : 'a pipe or device');
}

/** In practice, some kilobytes; megabytes with many context columns. */
const MAX_MANIFEST_BYTES = 64 * 2 ** 20;

export async function readManifestText(directory: string, name: string): Promise<string> {
  const { path, handle, bytes } = await openFile(directory, name);
  try {
    if (bytes <= MAX_MANIFEST_BYTES) return await handle.readFile('utf8');
  } catch (cause) {
    throw noFile(path, 'one that cannot be read', cause);
  } finally {
    await handle.close();
  }
  throw noFile(path, `one of ${bytes} bytes, more than ${MAX_MANIFEST_BYTES}`);
}

/** After its checks. */
export async function copyChecked(
  from: string,
  name: string,
  record: FileRecord,
  folder: string,
): Promise<void> {
  await (await openChecked(from, name, record)).handle.close();
  await copyFile(join(from, name), join(folder, name));
}

/** Checks size and SHA-256 before anything else is read. The caller closes the file. */
export async function openChecked(directory: string, name: string, expected: FileRecord): Promise<OpenFile> {
  const file = await openFile(directory, name);
  try {
    await checkRecord(file, expected);
    return file;
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

async function checkRecord({ path, handle, bytes }: OpenFile, expected: FileRecord): Promise<void> {
  if (bytes !== expected.bytes) {
    const advice = 'The file is cut short or changed; prepare the dataset again.';
    throw invalid(path, `size expected ${expected.bytes} bytes, got ${bytes}`, { advice });
  }
  const hash = createHash('sha256');
  const stream = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });
  for await (const chunk of stream) hash.update(chunk as Buffer);
  const sha256 = hash.digest('hex');
  if (sha256 !== expected.sha256) {
    const [wanted, got] = [expected.sha256, sha256].map((hex) => `${hex.slice(0, 12)}…`);
    throw invalid(path, `SHA-256 expected ${wanted}, got ${got}`, { advice: CHANGED });
  }
}

/** For reading by batch; checks the schema. The caller closes the file. */
export async function openArrowFile<T extends TypeMap>(
  { path, handle }: OpenFile,
  schema: Schema<T>,
): Promise<ArrowFile<T>> {
  const refuse = (cause: unknown): never => {
    // An error with a code is of the system, such as for a file that was closed.
    const isOfFile = cause instanceof ArrowError || (cause instanceof Error && 'code' in cause);
    if (!isOfFile) throw cause;
    throw invalid(path, `expected an Arrow file, got one that cannot be read (${cause.message})`, { cause });
  };
  const arrow = await openArrow<T>(handle).catch(refuse);
  const [expected, found] = [schema, arrow.schema].map(describeSchema);
  if (found !== expected) {
    throw invalid(path, `columns expected ${expected}, got ${found}`);
  }
  return { ...arrow, read: (index) => arrow.read(index).catch(refuse) };
}

function describeSchema(schema: Schema): string {
  return schema.fields.map((field) => `${field.name}: ${field.type}`).join(', ');
}

function noFile(path: string, got: string, cause?: unknown): DataError {
  return invalid(path, `expected a file, got ${got}`, { cause });
}
