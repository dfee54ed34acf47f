import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { inTemporaryFolder, type Program } from '../own-process.ts';

export interface PeerEvent {
  readonly event: string;
  readonly [figure: string]: unknown;
}

/** Events are lines of JSON. @throws Error with the last lines of its standard error if it fails or ends without `done`. */
export function runPeer(
  { file, words }: Program,
  request: Readonly<Record<string, unknown>> & { readonly threads: number },
): Promise<PeerEvent[]> {
  return inTemporaryFolder('benchmark-peer', async (folder) => {
    const task = join(folder, 'request.json');
    writeFileSync(task, JSON.stringify(request));
    const name = basename(words.at(-1) ?? file);
    // Numerical libraries read these variables when they load, before a program can set anything.
    const count = String(request.threads);
    const limits = { OMP_NUM_THREADS: count, MKL_NUM_THREADS: count, POLARS_MAX_THREADS: count };
    const env = { ...process.env, ...limits, PYTHONDONTWRITEBYTECODE: '1' };
    const options = { env, maxBuffer: Number.POSITIVE_INFINITY };
    const { stdout, stderr } = await promisify(execFile)(file, [...words, task], options).catch((error) => {
      const { code, signal } = error;
      if (signal === 'SIGKILL')
        throw new Error(`${name}: killed by the system, as it does when out of memory`);
      throw typeof code === 'number'
        ? new Error(`${name}: ended with ${code}: ${lastLines(error.stderr)}`)
        : error;
    });
    const lines = stdout.split('\n').filter((line) => line.trim() !== '');
    const events: PeerEvent[] = lines.map((line) => JSON.parse(line));
    if (events.at(-1)?.event === 'done') return events;
    throw new Error(`${name}: ended without "done": ${lastLines(stderr)}`);
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ') || 'it said nothing';
}

/** Numbers of an event, by their names. @throws Error if the event does not have one of them. */
export function numbersOf<Name extends string>(
  event: PeerEvent,
  figures: readonly Name[],
): Record<Name, number> {
  const numberOf = (figure: string): number => {
    const value = event[figure];
    if (typeof value === 'number') return value;
    throw new Error(`peer: "${event.event}" expected a number "${figure}", got ${JSON.stringify(value)}`);
  };
  return Object.fromEntries(figures.map((figure) => [figure, numberOf(figure)])) as Record<Name, number>;
}

export function lastEvent(events: readonly PeerEvent[], kind: string): PeerEvent {
  const found = events.findLast(({ event }) => event === kind);
  if (found) return found;
  throw new Error(`peer: expected an event "${kind}", got ${events.map(({ event }) => event).join(', ')}`);
}
