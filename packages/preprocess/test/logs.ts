import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { expect } from 'vitest';
import { type PrepareOptions, prepare } from '../src/index.ts';
import type { PlainDataset } from './oracle.ts';
import { readPlain } from './plain.ts';

export const fix = 'Correct it or skip bad rows ("onBadRow").';
export const header = 'SessionId,ItemId,Time\n';

/** Creates a folder for the logs of a test file, which is removed after its tests. */
export function useLogs() {
  const root = testFolder();
  let count = 0;

  /** Writes a log in its own folder below `root`. @returns its path */
  function written(content: string | Uint8Array): string {
    const folder = join(root, String(count++));
    mkdirSync(folder);
    const file = join(folder, 'log.csv');
    writeFileSync(file, content);
    return file;
  }

  const running = (file: string, options: Partial<PrepareOptions>) =>
    prepare({ inputs: [file], output: join(file, '..', 'out'), ...options });

  async function prepared(
    content: string | Uint8Array,
    options: Partial<PrepareOptions> = {},
  ): Promise<PlainDataset> {
    const file = written(content);
    await running(file, options);
    return readPlain(join(file, '..', 'out'));
  }

  /** Prepares a bad log. @returns the error message with FILE for the path; also checks that nothing was left */
  async function messageFor(
    content: string | Uint8Array,
    options: Partial<PrepareOptions> = {},
  ): Promise<string> {
    const file = written(content);
    const error: unknown = await running(file, options).catch((reason) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(readdirSync(join(file, '..'))).toEqual(['log.csv']);
    const { message } = error as DataError;
    expect(message).not.toContain('\n');
    return message.replaceAll(file, 'FILE');
  }

  return { root, written, prepared, messageFor };
}
