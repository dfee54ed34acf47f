import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TrialRecord } from '../src/trial.ts';

interface Line {
  readonly event: string;
  readonly pid: number;
  readonly number: number;
  readonly values: unknown;
  readonly trial: TrialRecord;
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('study-program.ts', import.meta.url));

export function startProgram(words: readonly (string | number)[]): ChildProcess {
  const flags = ['--conditions=@gru4rec/source', `--import=${tsx}`, program];
  return spawn(process.execPath, [...flags, ...words.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** @returns the complete lines of a log; none if it does not exist. */
export function linesOf(log: string): Line[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
