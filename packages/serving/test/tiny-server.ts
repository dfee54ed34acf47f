import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { type Gru4Rec, loadModel, parseConfig, train } from '@gru4rec/model';
import { tinySessions } from '@gru4rec/test-support';
import { onTestFinished } from 'vitest';
import {
  createServer,
  MemoryStore,
  type RecommendationServer,
  type ServerOptions,
  type StartThread,
} from '../src/index.ts';

const engine = createWasmEngine({ threads: 1 });

/** Starts a thread with the wasm engine. */
const startThread: StartThread = (workerData) =>
  new Worker(new URL('./wasm-thread.mjs', import.meta.url), {
    workerData,
    execArgv: ['--conditions=@gru4rec/source'],
  });

/** A folder that the end of the test removes. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-serving-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Trains a model for an epoch and saves it. @returns the model, for expectations. */
export async function saveTinyModel(
  directory: string,
  values: Record<string, unknown> = {},
): Promise<Gru4Rec> {
  const config = parseConfig({
    layers: [12],
    batchSize: 6,
    nSample: 16,
    nEpochs: 1,
    learningRate: 0.1,
    ...values,
  });
  const { itemIds, support, ...sessions } = tinySessions({ sessions: 40, items: 30, seed: 3 });
  const model = await train({ itemIds, support, train: sessions }, config, { engine });
  await model.save(directory);
  return loadModel(directory, { engine });
}

/** A running server, and a client of it. */
export interface Running {
  readonly server: RecommendationServer;
  readonly url: string;
  /** Sends a request; a body makes it a POST. */
  ask(
    path: string,
    body?: unknown,
    init?: RequestInit,
    // biome-ignore lint/suspicious/noExplicitAny: tests expect the shape of each body
  ): Promise<{ status: number; body: any; headers: Headers }>;
}

/** Starts a server that the end of the test stops. */
export async function startServer(
  options: Partial<ServerOptions> & Pick<ServerOptions, 'models'>,
): Promise<Running> {
  const server = await createServer({ startThread, sessions: new MemoryStore(), ...options });
  onTestFinished(() => server.stop({ probeMs: 0 }));
  const url = await server.listen({ port: 0 });
  await server.load();
  return { server, url, ask: (path, body, init) => send(url + path, body, init) };
}

async function send(url: string, body: unknown, init: RequestInit = {}) {
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...init.headers };
  const response = await fetch(url, { ...sent, ...init, headers });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}
