import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';

const DEFAULT_CONNECTIONS = 10_000;
/** A thread reads its modules at once: 135 files in an installation of packages, and 16 in a bundle. */
const spareFiles = (most: number): number => (most < 200 ? 24 : 150);

interface OpenFiles {
  readonly open: number;
  readonly most: number;
}

/** Only Linux reports them. */
export function openFiles(): OpenFiles {
  try {
    const most = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return { open: readdirSync('/proc/self/fd').length, most: Number(most ?? Number.POSITIVE_INFINITY) };
  } catch {
    return { open: 0, most: Number.POSITIVE_INFINITY };
  }
}

/** Loading for the first time may take half of the files that are left. */
export function connectionsBefore(
  wanted: number = DEFAULT_CONNECTIONS,
  files: OpenFiles = openFiles(),
): number {
  return Math.max(1, Math.min(wanted, Math.floor((files.most - files.open) / 2)));
}

/**
 * Leaves room for the files that are open and for loading all models again. @param files - without connections;
 * `before` without models.
 */
export function connectionLimit(
  wanted: number | undefined,
  { open, before, most }: OpenFiles & { readonly before: number },
): number {
  const kept = open + (open - before) + spareFiles(most);
  const least = wanted ?? 1;
  if (most - kept >= least) return Math.min(most - kept, wanted ?? DEFAULT_CONNECTIONS);
  throw new Error(
    `The limit of open files (ulimit -n) expected at least ${kept + least}, got ${most}: the server keeps ${kept} and is to accept ${least} connections. Raise the limit${wanted === undefined ? '' : ', or accept fewer'}`,
  );
}

/** How long the port stays open for connections that keep coming. On a busy machine, turns without one are rare. */
const LIMIT_MS = 5000;
/** During a longer turn of the event loop, too many connections arrive after it has looked for them. */
const SHORT_TURN_MS = 0.2;

/** In a turn of the event loop without a connection to accept: the system resets those that wait. */
export async function closePort(server: Server, limitMs: number = LIMIT_MS): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  const end = performance.now() + limitMs;
  let accepted = false;
  const onConnection = (): void => {
    accepted = true;
  };
  server.on('connection', onConnection);
  const closeIfNoneWaits = (turnStart: number): void => {
    const now = performance.now();
    if (now < end && (accepted || now - turnStart > SHORT_TURN_MS)) {
      accepted = false;
      setImmediate(closeIfNoneWaits, performance.now());
      return;
    }
    server.off('connection', onConnection);
    server.close();
  };
  setImmediate(closeIfNoneWaits, Number.NEGATIVE_INFINITY);
  await closed;
}
