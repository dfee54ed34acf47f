import type { InputFile } from '../../input/input-file.ts';
import type { LoadedFile } from '../backend.ts';
import { locateRows } from './locate-rows.ts';

/** Describes a file, and finds its rows. */
export function loadedFile(
  input: InputFile,
  loaded: Pick<LoadedFile, 'isTest' | 'firstRow' | 'endRow' | 'hasTimestamps'>,
): LoadedFile {
  const { firstRow, endRow } = loaded;
  return {
    ...loaded,
    file: input.file,
    format: input.format,
    rows: endRow - firstRow,
    locate: (rows) =>
      locateRows(
        input,
        rows.map(({ pos, record }) => record ?? pos - firstRow),
      ),
  };
}
