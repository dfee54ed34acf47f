import { join } from 'node:path';
import { keptWorkspaces } from '@gru4rec/durable-files';
import { describeError } from './describe-error.ts';
import type { Output } from './terminal.ts';

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
