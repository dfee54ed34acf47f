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
}

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
  /** Whatever the maker wants to be remembered: options, funnel. JSON; not interpreted here. */
  readonly preparation: unknown;
}

/**
 * Checks the text of a manifest.
 *
 * @throws DataError if it is not the manifest of a session dataset, or of another version.
 */
export function parseManifest(text: string, file: string): DatasetManifest {
  const value = parseJson(text, file);
  if (!isRecord(value) || value['format'] !== DATASET_FORMAT) {
    throw new DataError(
      `readDataset: "format" expected '${DATASET_FORMAT}', got ${show(value, 'format')}, at ${file}. ` +
        'This is not a session dataset; make one with prepare.',
      { file, column: 'format' },
    );
  }
  if (value['formatVersion'] !== DATASET_VERSION) {
    throw new DataError(
      `readDataset: "formatVersion" expected ${DATASET_VERSION}, got ${show(value, 'formatVersion')}, at ${file}. ` +
        'Prepare the dataset again with this version.',
      { file, column: 'formatVersion' },
    );
  }
  const broken = brokenPart(value);
  if (broken !== undefined) {
    throw new DataError(
      `readDataset: "${broken}" expected as prepare wrote it, got ${show(value, broken)}, at ${file}. ` +
        'Prepare the dataset again.',
      { file, column: broken },
    );
  }
  return value as unknown as DatasetManifest;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `readDataset: expected JSON, got ${text.length} characters that are none, at ${file}. Prepare the dataset again.`;
    throw new DataError(message, { file, cause });
  }
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
  const needed = ['items', 'train', ...splits.map(([name]) => name)];
  return needed.every((name) => `${name}.arrow` in files) && 'train' in counts['splits']
    ? undefined
    : 'files';
}

function isSplitCount(value: unknown): boolean {
  return isRecord(value) && isCount(value['sessions']) && isCount(value['events']);
}

function isFileRecord(value: unknown): boolean {
  return isRecord(value) && isCount(value['bytes']) && typeof value['sha256'] === 'string';
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
