import { Worker } from 'node:worker_threads';
import type { Engine } from '@gru4rec/program';
import type { StartThread } from '@gru4rec/serving';
import { createEngine, type EngineChoice, type EngineOptions } from './choose-engine.ts';

/** The engine of a thread. */
export interface ThreadEngine extends EngineOptions {
  readonly engine: EngineChoice;
}

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
export function loopEngineMaker({ engine, ...options }: ThreadEngine): (() => Promise<Engine>) | undefined {
  if (!engine.startsWith('wasm') || options.threads !== 1) return undefined;
  return () => createEngine(engine, options);
}
