import { BadRowList } from '../../bad-rows.ts';
import { memoryEvents } from '../../events/name-events.ts';
import type { InputFile } from '../../input/input-file.ts';
import type { PlainLog } from '../../input/plain/plain-log.ts';
import type { LoadedFile, LoadedLog } from '../backend.ts';
import { naming } from './failure.ts';
import { loadedFile } from './loaded-file.ts';

/**
 * Reads the files of a log that is plain throughout.
 *
 * @returns undefined if it is not.
 * @throws Error naming the file that cannot be read.
 */
export async function readPlain(
  log: PlainLog,
  inputs: readonly string[],
  open: (file: string, index: number) => Promise<InputFile>,
): Promise<LoadedLog | undefined> {
  const files: LoadedFile[] = [];
  for (const [index, file] of inputs.entries()) {
    const input = await open(file, index);
    const firstRow = files.at(-1)?.endRow ?? 0;
    if (!(await naming(file, log.add(input)))) return undefined;
    const endRow = log.loaded?.length ?? 0;
    files.push(loadedFile(input, { isTest: false, firstRow, endRow, hasTimestamps: false }));
  }
  const { loaded, timeUnit } = log;
  if (loaded === undefined || timeUnit === undefined) return undefined;
  return { files, badRows: new BadRowList(), plain: { events: memoryEvents(loaded, {}), timeUnit } };
}
