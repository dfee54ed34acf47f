import { Log, openLearnerOf } from './learnt-log.ts';

/** What a process learns. */
export interface LearnTask {
  readonly events: string;
  readonly directory: string;
  readonly output: string;
}

// Learns a log piece by piece, and saves and publishes after each, until it is killed or has learnt all.
const task = JSON.parse(process.argv[2] ?? '') as LearnTask;
const log = new Log(task.events);
const learner = await openLearnerOf(log, task);
process.stdout.write(`${learner.status.position.bytes}\n`);
const end = log.end.bytes;
while (learner.status.position.bytes < end) {
  const to = { ...log.end, bytes: Math.min(end, learner.status.position.bytes + 700) };
  await learner.take({ to, publish: true, save: true, close: false });
  if (learner.status.error !== undefined || learner.status.stopped)
    throw new Error(JSON.stringify(learner.status));
}
process.stdout.write('done\n');
learner.close();
