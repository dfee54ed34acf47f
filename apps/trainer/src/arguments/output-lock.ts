import { join } from 'node:path';
import { keptWorkspaces, lockOutput as lock } from '@gru4rec/durable-files';
import { describeError } from '../terminal/describe-error.ts';
import type { Output } from '../terminal/terminal.ts';

/** `lockOutput` of durable-files; where files cannot be locked, a line on `stderr` says what follows. */
export function lockOutput(output: string, command: string, stderr: Output): () => void {
  return lock(output, command, (cause) => {
    const consequence =
      'nothing keeps a second run from writing it, and what a killed run leaves there stays';
    stderr.write(
      `Warning: files beside ${output} cannot be locked (${describeError(cause)}): ${consequence}\n`,
    );
  });
}

/** What a command writes within its output folder, beside what it makes of the whole folder. */
const within = ['study.duckdb', 'best.json'];

/** Names the folders beside an output that a killed run may have left, and that stay because nobody can say so. */
export async function warnOfKept(output: string, stderr: Output): Promise<void> {
  for (const target of [output, ...within.map((name) => join(output, name))]) {
    for (const { path, cause } of await keptWorkspaces(target)) {
      const advice = `If no run writes ${target}, remove it`;
      stderr.write(`Warning: ${path} may be what a killed run left (${describeError(cause)}). ${advice}\n`);
    }
  }
}
