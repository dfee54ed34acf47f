import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileRecord } from '../src/index.ts';
import { combinedChecksum, manifestChecksum } from '../src/manifest.ts';

export interface Forged {
  checksum: string;
  manifestChecksum?: string;
  counts: { items: number; splits: { train: { sessions: number; events: number } } };
  files: Record<string, FileRecord>;
  preparation: unknown;
  [key: string]: unknown;
}

export function editManifest(directory: string, edit: (manifest: Forged) => void): void {
  const file = join(directory, 'dataset.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Forged;
  edit(manifest);
  writeFileSync(file, JSON.stringify(manifest));
}

export function forgeManifest(directory: string, edit: (manifest: Forged) => void): void {
  editManifest(directory, (manifest) => {
    edit(manifest);
    manifest.manifestChecksum = manifestChecksum(manifest);
  });
}

/** Changes a file's record and all checksums that depend on it. */
export function forgeRecord(directory: string, name: string, record: FileRecord): void {
  forgeManifest(directory, (manifest) => {
    manifest.files[name] = record;
    manifest.checksum = combinedChecksum(manifest.files);
  });
}
