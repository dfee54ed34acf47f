import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { pointTo } from '@gru4rec/durable-files';
import { createServer, EventLog, MemoryStore, type StartThread } from '../../src/index.ts';
import { eventOf } from '../clicks.ts';

/** What a process serves: the models `a` and `b` of a folder, of which the pointer `current` names one. */
export interface RebaseTask {
  readonly folder: string;
  /** Whether clicks come and the pointer moves, until it is killed; else it stops when it has learnt all. */
  readonly isBusy: boolean;
}

const { folder, isBusy } = JSON.parse(process.argv[2] ?? '') as RebaseTask;
const startThread: StartThread = (workerData) =>
  new Worker(new URL('../wasm-thread.mjs', import.meta.url), {
    workerData,
    execArgv: ['--conditions=@gru4rec/source'],
  });
const log = await EventLog.open(join(folder, 'events'));
const server = await createServer({
  ...{ models: [{ name: 'shop', directory: join(folder, 'current') }], startThread, watchMs: 50 },
  ...{ sessions: new MemoryStore(), observers: [log] },
  learn: { log, output: join(folder, 'learnt'), everyMs: 50, saveMs: 100 },
});
await server.listen({ port: 0 });
await server.load();
const say = (text: string) => process.stdout.write(`${text}\n`);
const statusOf = async () => (await server.app.inject('/v1/models')).json().models[0];
say('begins');
/** The checksum of the model that is current. */
const named = () => readFileSync(join(folder, 'current'), 'utf8').trimEnd();
const current = () => JSON.parse(readFileSync(join(folder, named(), 'model.json'), 'utf8')).checksum;
let moves = 0;
for (let at = 0; isBusy; at++) {
  const item = `1${String(at % 30).padStart(3, '0')}`;
  await log.onClick(eventOf(`${process.pid}-${at % 9}`, item, { timeMs: Date.now() }));
  say('click');
  if ((await statusOf()).lineage === current()) {
    say(moves++ === 0 ? 'first' : 'switched');
    await pointTo(join(folder, 'current'), named() === 'a' ? 'b' : 'a');
  }
  await setTimeout(2);
}
while ((await statusOf()).lineage !== current()) await setTimeout(50);
await server.stop({ probeMs: 0 });
say('done');
