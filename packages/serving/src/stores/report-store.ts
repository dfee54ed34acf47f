import type { FastifyBaseLogger } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import type { SessionStore, StoreStatus } from '../session-store.ts';

/**
 * Logs when a store fails and works again and which sessions it cannot read, and adds its metrics. Does nothing for a
 * store that cannot fail.
 */
export function reportStore(store: SessionStore, registry: Registry, logger?: FastifyBaseLogger): void {
  const { status } = store;
  if (!status) return;
  const gauge = (name: string, help: string, read: (status: StoreStatus) => number) => {
    const added: Gauge = new Gauge({
      name: `gru4rec_session_store_${name}`,
      help,
      registers: [registry],
      collect: () => added.set(read(store.status ?? status)),
    });
  };
  gauge('available', '0 while the store of the sessions fails or is being written back', ({ state }) =>
    state === 'available' ? 1 : 0,
  );
  gauge('pending_sessions', 'Sessions to be written back', ({ pendingSessions }) => pendingSessions);
  gauge('lost_sessions', 'Sessions that could not be written back', ({ lostSessions }) => lostSessions);
  gauge(
    'unreadable_sessions',
    'Sessions that could not be read, were set aside and started empty',
    ({ unreadableSessions }) => unreadableSessions,
  );
  if (!logger) return;
  store.watch?.({
    onStatus: (changed) => logStatus(logger, changed),
    onUnreadable: (sessionId, { message }) =>
      logger.error({ sessionId, error: message }, 'A session cannot be read, is set aside and starts empty'),
  });
}

function logStatus(logger: FastifyBaseLogger, status: StoreStatus): void {
  const { state, pendingSessions, lostSessions } = status;
  if (state === 'available') logger.info(status, 'The store of the sessions works again');
  else if (pendingSessions === 0 && lostSessions > 0)
    logger.error(status, 'The server ends, and sessions could not be written back to their store');
  else logger.error(status, 'The store of the sessions fails; they are in memory');
}
