import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../environment.ts';
import type { Report } from '../report.ts';

/** Folder of the committed figures. */
export const resultsFolder: string = fileURLToPath(new URL('../../results/', import.meta.url));

const FORMAT = 1;

/** A file of committed figures: runs on one machine on one day. */
export interface Recorded {
  readonly format: typeof FORMAT;
  readonly runs: readonly Report[];
}

/** A recorded file, its name without extension, and the remarks in `<name>.md` beside it, if there are any. */
export interface RecordedFile extends Recorded {
  readonly name: string;
  readonly remarks?: string;
}

/** `<date>-<machine>`, with processor and cores, without a host name. */
export function recordName({ date, cpu, cores }: Environment): string {
  const machine = `${cpu} ${cores} cores`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `${date}-${machine}`;
}

/**
 * Saves a run in the file of its day and machine. It replaces an earlier run of the same command.
 * @returns a line that names the file.
 */
export function recordRun(report: Report, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = `${recordName(report.environment)}.json`;
  const path = join(folder, file);
  const before = existsSync(path) ? parseRecorded(readFileSync(path, 'utf8'), file).runs : [];
  const runs = [...before.filter(({ command }) => command !== report.command), report];
  writeFileSync(path, `${JSON.stringify({ format: FORMAT, runs }, undefined, 2)}\n`);
  return `recorded in results/${file}`;
}

/** All recorded files, the newest first. */
export function readRecorded(folder: string): RecordedFile[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
  return files
    .sort()
    .reverse()
    .map((file) => {
      const name = file.replace(/\.json$/, '');
      const remarks = join(folder, `${name}.md`);
      return {
        name,
        ...parseRecorded(readFileSync(join(folder, file), 'utf8'), file),
        ...(existsSync(remarks) ? { remarks: readFileSync(remarks, 'utf8').trim() } : {}),
      };
    });
}

/** @throws Error naming a file that does not have this format. */
export function parseRecorded(text: string, file: string): Recorded {
  const value = JSON.parse(text);
  if (value?.format === FORMAT && Array.isArray(value.runs)) return value;
  throw new Error(`results: ${file} expected { format: ${FORMAT}, runs: […] }, got format ${value?.format}`);
}

/** Figures with their commands that were written by hand: the files of `pages`, by name. */
export function readPages(root: string): string[] {
  const folder = join(root, 'pages');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'));
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8').trim());
}
