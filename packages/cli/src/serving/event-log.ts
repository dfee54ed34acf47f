import { EventLog, type EventLogOptions } from '@gru4rec/serving';
import type { serverLog } from './server-log.ts';

/** Values of `--sync`. */
export const syncPolicies: readonly SyncPolicy[] = ['always', 'interval'];

/** A value of `--sync`. */
export type SyncPolicy = NonNullable<EventLogOptions['sync']>;

/**
 * Opens the log of `--event-log`, whose failures are logged.
 * @throws Error if its folder cannot be written or another server writes it.
 */
export async function openEventLog(
  directory: string,
  { sync, keepMs }: { readonly sync: SyncPolicy; readonly keepMs: number | undefined },
  log: ReturnType<typeof serverLog>,
): Promise<EventLog> {
  const eventLog = await EventLog.open(directory, {
    sync,
    ...(keepMs !== undefined && { keepMs }),
    onRemoval: (removed, error) => {
      if (error === undefined)
        log.info({ eventLog: directory, removed }, 'Old files of the event log are deleted');
      else
        log.error(
          { eventLog: directory, error: error.message },
          'Old files of the event log cannot be deleted; serving goes on',
        );
    },
    onFailure: ({ message }) => {
      log.error(
        { eventLog: directory, error: message },
        'The event log cannot be written; serving goes on without it',
      );
    },
    onRecovery: (lost) => {
      log.warn({ eventLog: directory, lost }, 'The event log is written again');
    },
  });
  const { tornBytes, longTails: files } = eventLog;
  if (tornBytes > 0)
    log.warn({ eventLog: directory, tornBytes }, 'The event log ended in a torn line, which is removed');
  if (files.length > 0)
    log.warn(
      { eventLog: directory, files },
      'Files ended in a line of more than 1 MiB, which stays and is not read',
    );
  return eventLog;
}
