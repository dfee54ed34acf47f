import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import { followPointer } from '@gru4rec/durable-files';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { type Gru4Rec, loadModel, parseConfig, type SaveInfo, train } from '@gru4rec/model';
import { tinySessions } from '@gru4rec/test-support';
import { onTestFinished } from 'vitest';
import {
  createServer,
  MemoryStore,
  type RecommendationServer,
  type ServerOptions,
  type StartThread,
  type ThreadData,
} from '../src/index.ts';
import { answerMessages } from '../src/inference/answer-messages.ts';

/** Makes an engine, which is that of a thread or of the event loop. */
export const createEngine = () => createWasmEngine({ threads: 1 });

/** Of the tests themselves. */
export const engine = createEngine();

/** Registers work for the end of a test, or of all tests of a file. */
type CleanUp = (work: () => void | Promise<void>) => void;

/** Starts a thread with the wasm engine. */
export const startThread: StartThread = (workerData) =>
  new Worker(new URL('./wasm-thread.mjs', import.meta.url), {
    workerData,
    execArgv: ['--conditions=@gru4rec/source'],
  });

/** Starts threads and keeps them, with what they were started with. */
export function keptThreads() {
  const threads: { readonly worker: Worker; readonly data: ThreadData }[] = [];
  const start: StartThread = (data) => {
    const worker = startThread(data);
    threads.push({ worker, data });
    return worker;
  };
  // The number of a thread that has ended is −1.
  return { threads, start, running: () => threads.filter(({ worker }) => worker.threadId > 0).length };
}

/** Does a thread's work in this one, which has its code already. Learners have threads, whose priority they lower. */
export const startHere: StartThread = (data) => {
  if (data.learn) return startThread(data);
  const { port1, port2 } = new MessageChannel();
  answerMessages(port2, data, createEngine);
  return Object.assign(port1, { threadId: 1, terminate: async () => port1.close() }) as unknown as Worker;
};

/** A folder that is removed at the end. */
export function testFolder(cleanUp: CleanUp = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-serving-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Trains a model of 30 items, whose clicks have types and devices, for an epoch and saves it. @returns the model. */
export async function saveTinyModel(
  directory: string,
  values: Record<string, unknown> = {},
  info?: SaveInfo,
): Promise<Gru4Rec> {
  const tiny = { layers: [12], batchSize: 6, nSample: 16, nEpochs: 1, learningRate: 0.1 };
  const { itemIds, support, ...sessions } = tinySessions({ sessions: 40, items: 30, seed: 3 });
  const context = Int32Array.from({ length: 2 * sessions.items.length }, (_, at) => (at % 5) % 2);
  const contextColumns = [
    { name: 'Type', values: ['view', 'purchase'], isType: true },
    { name: 'device', values: ['phone', 'desk'] },
  ];
  const data = { itemIds, support, train: { ...sessions, context }, contextColumns };
  await (await train(data, parseConfig({ ...tiny, ...values }), { engine })).save(directory, info);
  return loadModel(directory, { engine });
}

/** An answer to a request. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test expects its shape
  readonly body: any;
}

/** Sends a request; a body makes it a POST of JSON. */
export type Ask = (path: string, body?: unknown, init?: RequestInit) => Promise<Reply>;

/** A running server with a tiny model. */
export interface Running {
  readonly server: RecommendationServer;
  readonly url: string;
  readonly ask: Ask;
  /** The model that is served. */
  readonly model: Gru4Rec;
  /** Its folder. */
  readonly directory: string;
}

/** Options of a server, and where its model is, or a pointer to it; without, a tiny one is trained. */
export type TinyOptions = Partial<ServerOptions> & { readonly directory?: string };

/** Starts a server of a model, named `shop`, on a free port. */
export async function startServer(
  { directory: given, ...options }: TinyOptions = {},
  cleanUp: CleanUp = onTestFinished,
  beforeLoad: (server: RecommendationServer) => void = () => undefined,
): Promise<Running> {
  const directory = given ?? join(testFolder(cleanUp), 'model');
  const model = given
    ? await loadModel(followPointer(directory), { engine })
    : await saveTinyModel(directory);
  const models = [{ name: 'shop', directory }];
  const sessions = new MemoryStore();
  const server = await createServer({ models, startThread: startHere, sessions, ...options });
  cleanUp(() => server.stop({ probeMs: 0 }));
  beforeLoad(server);
  const url = await server.listen({ port: 0 });
  await server.load();
  return { server, url, ask: askAt(url), model, directory };
}

/** A client of a server, which asks again while that is overloaded, as other tests may make it. */
export function askAt(url: string): Ask {
  return async function ask(path, body, init = {}): Promise<Reply> {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...init.headers,
    };
    const response = await fetch(url + path, { ...sent, ...init, headers });
    const text = await response.text();
    if (response.status === 503 && text.includes('The server is overloaded')) {
      await setTimeout(500);
      return ask(path, body, init);
    }
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
}

/** The ids of an answer. */
export function idsOf({ body }: Reply): string[] {
  return body.items.map(({ id }: { id: string }) => id);
}

/** The answer's items as the library recommends them. */
export function namedItems(items: readonly { readonly id: string; readonly score: number }[]) {
  return items.map(({ id, score }) => ({ id, score }));
}

/** What the library recommends after clicks, as an answer has it. */
export function topOf(
  model: Pick<Gru4Rec, 'startSession'>,
  clicks: readonly string[],
  ...top: Parameters<ReturnType<Gru4Rec['startSession']>['recommend']>
) {
  const session = model.startSession();
  for (const item of clicks) session.click(item);
  return namedItems(session.recommend(...top));
}

/** What the server says of its first model. */
export const statusOf = async ({ ask }: Pick<Running, 'ask'>) => (await ask('/v1/models')).body.models[0];
