import { Worker } from 'node:worker_threads';
import type { Engine } from '@gru4rec/program';
import type { StartThread } from '@gru4rec/serving';
import { createEngine } from './choose-engine.ts';
import type { ThreadEngine } from './inference-thread.ts';

const source = import.meta.url.endsWith('.ts');
const entry = new URL(source ? './inference-thread-source.mjs' : './inference-thread.js', import.meta.url);
const execArgv = source ? ['--conditions=@gru4rec/source'] : [];

/** Starts inference threads with an engine. */
export function threadStarter(engine: ThreadEngine): StartThread {
  return (data) => new Worker(entry, { workerData: { ...data, ...engine }, execArgv });
}

/**
 * Makes the engine of models that answer on the event loop (`ServerOptions.createEngine`).
 * @returns undefined for an engine with other threads, which the event loop would wait for, or on another device.
 */
export function loopEngineMaker({
  engine,
  engineOptions,
}: ThreadEngine): (() => Promise<Engine>) | undefined {
  if (engine !== 'wasm' || engineOptions.threads !== 1) return undefined;
  return () => createEngine(engine, engineOptions);
}
