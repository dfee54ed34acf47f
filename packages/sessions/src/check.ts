import { DataError } from './data-error.ts';
import type { DatasetManifest, FileRecord } from './manifest.ts';

/** Refuses a count that the file has no room for, before memory is taken for it. */
export function checkRoom(path: string, what: string, count: number, most: number): void {
  const limit = Math.floor(most);
  if (count > limit) throw broken(path, what, `at most ${limit} in a file of this size`, count);
}

/** Refuses more than the manifest says, before it is stored. */
export function checkFits(path: string, what: string, got: number, expected: number): void {
  if (got > expected) throw broken(path, what, `${expected}, as the manifest says`, `${got} or more`);
}

/** Refuses less than the manifest says. */
export function checkCount(path: string, what: string, got: number, expected: number): void {
  if (got !== expected) throw broken(path, what, `${expected}, as the manifest says`, got);
}

/** What the manifest says of a file. */
export function recordFor(manifest: DatasetManifest, name: string): FileRecord {
  return manifest.files[name] ?? { bytes: 0, sha256: '' };
}

/** The one line about content that is not as it should be. */
export function broken(path: string, what: string, expected: string, got: unknown): DataError {
  const message = `readDataset: "${what}" expected ${expected}, got ${String(got)}, at ${path}. Prepare the dataset again.`;
  return new DataError(message, { file: path, column: what });
}
