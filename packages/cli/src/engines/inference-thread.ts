import { workerData } from 'node:worker_threads';
import { serveInference } from '@gru4rec/serving/inference-thread';
import { createEngine, type EngineOptions, type NamedEngine } from './choose-engine.ts';

/** The engine of a thread. */
export interface ThreadEngine {
  readonly engine: NamedEngine;
  readonly engineOptions: EngineOptions;
}

const { engine, engineOptions } = workerData as ThreadEngine;
await serveInference(() => createEngine(engine, engineOptions));
