import { Worker } from 'node:worker_threads';
import type { StartThread } from '@gru4rec/serving';
import type { ThreadEngine } from './inference-thread.ts';

const source = import.meta.url.endsWith('.ts');
const entry = new URL(source ? './inference-thread-source.mjs' : './inference-thread.js', import.meta.url);
const execArgv = source ? ['--conditions=@gru4rec/source'] : [];

/** Starts inference threads with an engine. */
export function threadStarter(engine: ThreadEngine): StartThread {
  return (data) => new Worker(entry, { workerData: { ...data, ...engine }, execArgv });
}
