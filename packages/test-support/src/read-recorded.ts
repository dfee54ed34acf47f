import { readFileSync } from 'node:fs';
import { type Golden, parseGolden } from './golden.ts';
import { parseEvents, type SessionTable } from './sessions.ts';

/** Folder of the recorded runs and their events. */
export const goldenFolder: URL = new URL('../golden/', import.meta.url);

/** Reads a golden file; see `parseGolden`. */
export function readGolden(path: string | URL): Golden {
  return parseGolden(readFileSync(path, 'utf8'));
}

/** Reads a file of events; see `parseEvents`. */
export function readEvents(path: string | URL, options: { itemIds?: readonly string[] } = {}): SessionTable {
  return parseEvents(readFileSync(path, 'utf8'), options);
}
