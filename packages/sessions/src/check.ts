import { DataError } from './data-error.ts';
import type { DatasetManifest, FileRecord } from './manifest.ts';

/** Refuses a count that cannot fit in the file, before memory is allocated for it. */
export function checkRoom(path: string, what: string, count: number, most: number): void {
  const limit = Math.floor(most);
  if (count > limit) throw broken(path, what, `at most ${limit} in a file of this size`, count);
}

/** Refuses more rows than in the manifest, before they are stored. */
export function checkFits(path: string, what: string, got: number, expected: number): void {
  if (got > expected) throw broken(path, what, `${expected}, as the manifest says`, `${got} or more`);
}

/** Refuses another number of rows than in the manifest. */
export function checkCount(path: string, what: string, got: number, expected: number): void {
  if (got !== expected) throw broken(path, what, `${expected}, as the manifest says`, got);
}

/** The manifest's record of a file. */
export function recordFor(manifest: DatasetManifest, name: string): FileRecord {
  return manifest.files[name] ?? { bytes: 0, sha256: '' };
}

/** The error for wrong content of a file. */
export function broken(path: string, what: string, expected: string, got: unknown): DataError {
  const message = `readDataset: "${what}" expected ${expected}, got ${String(got)}, at ${path}. Prepare the dataset again.`;
  return new DataError(message, { file: path, column: what });
}
