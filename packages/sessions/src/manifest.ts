import type { Compression } from '@gru4rec/arrow-ipc';
import { combinedChecksum, manifestChecksum } from './checksum.ts';
import { DataError } from './data-error.ts';

/** What `format` says in every manifest: tells our datasets from foreign JSON. */
export const DATASET_FORMAT = 'gru4rec-sessions';
/** Changes whenever an older reader would misread the files. */
export const DATASET_VERSION = 1;
/** The manifest's name within the folder. It is written last. */
export const MANIFEST_FILE = 'dataset.json';

/** The parts of a dataset, by the name of their file without `.arrow`. */
export type SplitName = 'train' | 'validation' | 'test';
export const splitNames: readonly SplitName[] = ['train', 'validation', 'test'];

/** What a file must be to be believed. */
export interface FileRecord {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** How its record batches are packed; plain if it has none. */
  readonly compression?: Compression;
}

/** What dataset files can be packed by. */
const compressions: readonly Compression[] = ['lz4', 'zstd'];

/** `dataset.json`: what is in the folder, how it was made, and checksums. */
export interface DatasetManifest {
  readonly format: typeof DATASET_FORMAT;
  readonly formatVersion: typeof DATASET_VERSION;
  /** SHA-256 over the checksums of the files: names the data, whatever the folder is called. */
  readonly checksum: string;
  readonly counts: {
    readonly items: number;
    readonly splits: Partial<Record<SplitName, { readonly sessions: number; readonly events: number }>>;
  };
  /** By file name. */
  readonly files: Readonly<Record<string, FileRecord>>;
  /** SHA-256 of this manifest without this key; datasets of earlier releases have none. */
  readonly manifestChecksum?: string;
  /** Whatever the maker wants to be remembered: options, funnel. JSON; not interpreted here. */
  readonly preparation: unknown;
}

/**
 * Checks the text of a manifest.
 *
 * @throws DataError if it is not the manifest of a session dataset, or of another version.
 */
export function parseManifest(text: string, file: string): DatasetManifest {
  try {
    return checkManifest(JSON.parse(text), file);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    // Nesting that is too deep for the stack is no manifest either.
    const message = `readDataset: expected JSON, got ${text.length} characters that are none, at ${file}. Prepare the dataset again.`;
    throw new DataError(message, { file, cause });
  }
}

function checkManifest(value: unknown, file: string): DatasetManifest {
  if (!isRecord(value) || value['format'] !== DATASET_FORMAT) {
    throw refused(
      file,
      'format',
      `'${DATASET_FORMAT}'`,
      value,
      'This is not a session dataset; make one with prepare.',
    );
  }
  if (value['formatVersion'] !== DATASET_VERSION) {
    const advice = 'Prepare the dataset again with this version.';
    throw refused(file, 'formatVersion', String(DATASET_VERSION), value, advice);
  }
  const broken = brokenPart(value);
  if (broken !== undefined) {
    throw refused(file, broken, 'as prepare wrote it', value, 'Prepare the dataset again.');
  }
  const manifest = value as unknown as DatasetManifest;
  const changed = changedPart(manifest);
  if (changed === undefined) return manifest;
  const advice = 'The file was changed; prepare the dataset again.';
  throw refused(file, changed, 'the SHA-256 of what it stands for', value, advice);
}

function refused(file: string, key: string, expected: string, value: unknown, advice: string): DataError {
  const message = `readDataset: "${key}" expected ${expected}, got ${show(value, key)}, at ${file}. ${advice}`;
  return new DataError(message, { file, column: key });
}

function brokenPart(value: Record<string, unknown>): string | undefined {
  if (typeof value['checksum'] !== 'string') return 'checksum';
  const counts = value['counts'];
  if (!isRecord(counts) || !isCount(counts['items']) || !isRecord(counts['splits'])) return 'counts';
  const splits = Object.entries(counts['splits']);
  if (!splits.every(([name, split]) => splitNames.includes(name as SplitName) && isSplitCount(split))) {
    return 'counts';
  }
  const files = value['files'];
  if (!isRecord(files) || !Object.values(files).every(isFileRecord)) return 'files';
  // These names and no others: no path of a manifest is ever opened.
  const needed = new Set(['items', 'train', ...splits.map(([name]) => name)]);
  const isWhole = [...needed].every((name) => Object.hasOwn(files, `${name}.arrow`));
  return isWhole && Object.keys(files).length === needed.size && Object.hasOwn(counts['splits'], 'train')
    ? undefined
    : 'files';
}

/** The checksum that does not fit, if one does not. */
function changedPart(manifest: DatasetManifest): string | undefined {
  const { manifestChecksum: stated } = manifest;
  if (stated !== undefined && stated !== manifestChecksum(manifest)) return 'manifestChecksum';
  return manifest.checksum === combinedChecksum(manifest.files) ? undefined : 'checksum';
}

function isSplitCount(value: unknown): boolean {
  return isRecord(value) && isCount(value['sessions']) && isCount(value['events']);
}

function isFileRecord(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { bytes, sha256, compression } = value;
  const isKnown = compression === undefined || compressions.includes(compression as Compression);
  return isCount(bytes) && typeof sha256 === 'string' && isKnown;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown, key: string): string {
  if (!isRecord(value)) return Array.isArray(value) ? 'an array' : String(value);
  return JSON.stringify(value[key])?.slice(0, 60) ?? 'nothing';
}
