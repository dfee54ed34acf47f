import { lockOutput as lock } from '@gru4rec/durable-files';
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
