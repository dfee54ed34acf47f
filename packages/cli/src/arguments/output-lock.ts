import { join } from 'node:path';
import { keptWorkspaces, lockOutput as lock } from '@gru4rec/durable-files';
import { describeError } from '../terminal/describe-error.ts';
import type { Output } from '../terminal/terminal.ts';

/** Locks an output as durable-files does. Warns on `stderr` if files cannot be locked. */
export function lockOutput(output: string, command: string, stderr: Output): () => void {
  return lock(output, command, (cause) => {
    const consequence =
      'a second run could write it at the same time, and what a killed run leaves is not removed';
    stderr.write(
      `Warning: files beside ${output} cannot be locked (${describeError(cause)}): ${consequence}\n`,
    );
  });
}

/** Files that commands write in an existing output folder. */
const within = ['study.jsonl', 'best.json'];

/** Warns of folders beside an output that may be leftovers of a killed run, which cannot be determined without locks. */
export async function warnOfKept(output: string, stderr: Output): Promise<void> {
  for (const target of [output, ...within.map((name) => join(output, name))]) {
    for (const { path, cause } of await keptWorkspaces(target)) {
      const advice = `If no run writes ${target}, remove it`;
      stderr.write(
        `Warning: ${path} may be a leftover of a killed run (${describeError(cause)}). ${advice}\n`,
      );
    }
  }
}
