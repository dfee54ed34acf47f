import { workerData } from 'node:worker_threads';
import { serveInference } from '@gru4rec/serving/inference-thread';
import { createEngine } from './choose-engine.ts';
import type { ThreadEngine } from './start-thread.ts';

const { engine, threads, places } = workerData as ThreadEngine;
await serveInference(() => createEngine(engine, { threads, places }));
