import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { expect } from 'vitest';
import { type PrepareOptions, prepare } from '../src/index.ts';

/** How most errors about a bad row end. */
export const fix = 'Correct it or skip bad rows ("onBadRow").';
/** The header of a CSV log with the default columns. */
export const header = 'SessionId,ItemId,Time\n';

/** Logs of a test file, each in its own folder below `root`. */
export interface Logs {
  readonly root: string;
  /** Writes a log. @returns its path */
  written(content: string | Uint8Array): string;
  /** Prepares a bad log. @returns the error message with FILE for the path; also checks that nothing was left */
  messageFor(content: string | Uint8Array, options?: Partial<PrepareOptions>): Promise<string>;
}

/** Creates a folder for the logs of a test file, which is removed after its tests. */
export function useLogs(): Logs {
  const root = testFolder();
  let count = 0;

  function written(content: string | Uint8Array): string {
    const folder = join(root, String(count++));
    mkdirSync(folder);
    const file = join(folder, 'log.csv');
    writeFileSync(file, content);
    return file;
  }

  async function messageFor(
    content: string | Uint8Array,
    options: Partial<PrepareOptions> = {},
  ): Promise<string> {
    const file = written(content);
    const error: unknown = await prepare({
      inputs: [file],
      output: join(file, '..', 'out'),
      ...options,
    }).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(DataError);
    expect(readdirSync(join(file, '..'))).toEqual(['log.csv']);
    const { message } = error as DataError;
    expect(message).not.toContain('\n');
    return message.replaceAll(file, 'FILE');
  }

  return { root, written, messageFor };
}
