import type { ServerContext } from '../server-context.ts';

export function describeModels({ models: served, evaluation, learning }: ServerContext) {
  return Promise.all(
    served.all.map(async ({ status, learns }) => ({
      ...status,
      learning: (learns && learning?.report) || null,
      online: await evaluation.report(status),
    })),
  );
}

export type ModelReports = Awaited<ReturnType<typeof describeModels>>;

/** A metric, summed over its labels; undefined if the server has none of this name. */
export async function read({ metrics }: ServerContext, name: string): Promise<number | undefined> {
  const metric = await metrics.registry.getSingleMetric(`gru4rec_${name}`)?.get();
  return metric && sum(metric.values, ({ value }) => value);
}

export const whole = (value: number) => Math.round(value).toLocaleString('en');
export const counted = (value: number, noun: string) =>
  `${whole(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`;

const LEARNING = {
  paused: 'It goes on by itself; if that repeats, look at the latest clicks for robots',
  failing: 'Clicks stay in the event log and are learnt later; the log of the server says more',
  stopped: 'The last good version serves. Restart the server once the cause is gone',
};

/** What is wrong, and what to do. */
export async function problemsOf(context: ServerContext, models: ModelReports): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, status, error, learning } of models) {
    if (status === 'loading')
      problems.push(`The model ${name} is being loaded. Requests are refused until then.`);
    else if (status === 'failed' || error !== null) {
      const serving = status === 'failed' ? 'and nothing serves' : 'and an earlier version serves';
      problems.push(
        `The model ${name} cannot be loaded, ${serving}: ${error}. Repair its folder, or go back with gru4rec rollback.`,
      );
    }
    if (learning && learning.state !== 'learning') {
      problems.push(`Learning is ${learning.state}: ${learning.reason}. ${LEARNING[learning.state]}.`);
    }
  }
  if (await read(context, 'event_log_failing')) {
    const waiting = whole((await read(context, 'event_log_backlog')) ?? 0);
    problems.push(
      `The event log cannot be written. Clicks that wait in memory: ${waiting}. Free its disk, or let the server write its folder: it tries again every second.`,
    );
  }
  const lost = await read(context, 'event_log_lost_total');
  if (lost) {
    problems.push(
      `Clicks since the start that are not in the event log, because it could not be written for too long: ${whole(lost)}. No training will see them.`,
    );
  }
  if (context.sessions.status?.state === 'unavailable') {
    problems.push(
      'The store of the sessions fails; sessions are in memory. Start it again, or look at the network: the server goes back to it by itself.',
    );
  }
  const refused = await read(context, 'refused_connections_total');
  if (refused) {
    problems.push(
      `Connections refused since the start: ${whole(refused)}. Raise the limit of open files (ulimit -n), or add a server.`,
    );
  }
  const latest = (await context.history.periods()).slice(-2);
  const [requests, failed] = [
    sum(latest, (period) => period.requests),
    sum(latest, (period) => period.failed),
  ];
  if (failed > 0) {
    problems.push(
      `Of the latest ${counted(requests, 'request')}, ${whole(failed)} failed. The log of the server names the errors; 503 means that it is overloaded: add a server.`,
    );
  }
  return problems;
}

export function sum<Value>(values: readonly Value[], of: (value: Value) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
