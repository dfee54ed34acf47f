import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { DAY, Log, openLearnerOf } from './learnt-log.ts';

/** What a process learns. */
export interface LearnTask {
  readonly events: string;
  readonly directory: string;
  readonly output: string;
  /** Kills the process in the place of this rename, from 1. */
  readonly killAtRename?: number;
}

/** Kills this process with SIGKILL in the place of a rename. @param count - which one, from 1. */
function killAtRename(count: number): void {
  const isNext = () => --count === 0;
  const { renameSync } = fs;
  const { rename } = promises;
  const end = () => process.kill(process.pid, 'SIGKILL');
  Object.assign(fs, {
    renameSync: (...names: Parameters<typeof renameSync>) => (isNext() ? end() : renameSync(...names)),
  });
  Object.assign(promises, {
    rename: async (...names: Parameters<typeof rename>) => (isNext() ? end() : rename(...names)),
  });
  syncBuiltinESMExports();
}

// Learns a log piece by piece, and saves and publishes after each piece, until it is killed or has learnt all.
const task = JSON.parse(process.argv[2] ?? '') as LearnTask;
const log = new Log(task.events);
const learner = await openLearnerOf(log, task);
if (task.killAtRename !== undefined) killAtRename(task.killAtRename);

async function take(bytes: number) {
  await learner.take({ to: new Map([[DAY, bytes]]), publish: true, save: true });
  if (learner.status.error !== undefined || learner.status.stopped)
    throw new Error(JSON.stringify(learner.status));
}

const end = log.bytes;
while (learner.status.position.bytes < end) await take(Math.min(end, learner.status.position.bytes + 700));
process.stdout.write('done\n');
learner.close();
