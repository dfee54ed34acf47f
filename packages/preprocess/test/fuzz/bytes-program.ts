import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { prepare } from '../../src/index.ts';

// Prepares damaged copies of a log, one per position in [from, end), and prints each outcome. The ways of damage
// alternate; `seed` selects the first.
const [folder = '', log = '', from, end, seed] = process.argv.slice(2);
const sound = readFileSync(log);
const file = join(folder, 'log');
const output = join(folder, 'data');

/** The log with one byte changed, deleted or inserted at a position, or truncated there. */
function damaged(at: number, way: number): Buffer {
  const [head, tail] = [sound.subarray(0, at), sound.subarray(at + 1)];
  const byte = sound[at] ?? 0;
  if (way === 0) return Buffer.concat([head, Buffer.of(byte ^ 0xff), tail]);
  if (way === 1) return Buffer.concat([head, Buffer.of(byte ^ (1 << (at % 8))), tail]);
  if (way === 2) return Buffer.concat([head, tail]);
  if (way === 3) return Buffer.concat([head, Buffer.of(0xff), sound.subarray(at)]);
  return head;
}

for (let at = Number(from); at < Number(end); at++) {
  writeFileSync(file, damaged(at, (at + Number(seed)) % 5));
  const options = { inputs: [file], output, onBadRow: 'skip', threads: 1, memoryLimit: '500MB' } as const;
  const outcome = await prepare(options).then(
    () => 'answer',
    (error: Error) =>
      error instanceof DataError && error.message.includes(file) ? 'line' : `${error.name} ${error.message}`,
  );
  rmSync(output, { recursive: true, force: true });
  process.stdout.write(`${at} ${outcome.replaceAll('\n', ' ')}\n`);
}
process.stdout.write(`peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`);
