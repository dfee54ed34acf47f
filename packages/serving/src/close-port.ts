import { once } from 'node:events';
import type { Server } from 'node:http';

/** How long the port stays open for connections that keep coming. On a busy machine, turns without one are rare. */
const LIMIT_MS = 5000;
/** During a longer turn of the event loop, too many connections arrive after it has looked for them. */
const SHORT_TURN_MS = 0.2;

/**
 * Closes the port of a server in a turn of the event loop that has found no connection to accept, because the system
 * resets connections that wait to be accepted when the port closes. Node accepts one per turn.
 *
 * @param limitMs - how long the port stays open at most.
 * @returns when all connections have ended.
 */
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
