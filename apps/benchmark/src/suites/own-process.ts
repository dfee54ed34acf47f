import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseConfig, train } from '@gru4rec/model';
import { type PrepareOptions, prepare } from '@gru4rec/preprocess';
import { openDataset, readDataset } from '@gru4rec/sessions';
import { createMeasuredEngine, type EngineChoice } from '../engine-choice.ts';
import { peakMiB } from '../environment.ts';
import { type IdStructure, measureIdLookup } from './id-lookup.ts';

/** A training run on sessions from disk or in memory. */
export interface StreamTask {
  readonly directory: string;
  readonly streamed: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  readonly engine: EngineChoice;
}

/** A task for its own process, so that its peak memory can be measured. */
export type OwnTask =
  | { readonly task: 'prepare'; readonly options: PrepareOptions }
  | ({ readonly task: 'stream' } & StreamTask)
  | { readonly task: 'ids'; readonly structure: IdStructure; readonly ids: number };

const emit = (event: string, fields: object) =>
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);

async function prepareOnce(options: PrepareOptions): Promise<object> {
  const start = performance.now();
  const { manifest } = await prepare(options);
  emit('prepared', { seconds: (performance.now() - start) / 1000, peakMiB: peakMiB() });
  return { items: manifest.counts.items, ...manifest.counts.splits };
}

async function trainOnce({ directory, streamed, config, engine }: StreamTask): Promise<object> {
  const start = performance.now();
  const opened = streamed ? await openDataset(directory) : undefined;
  const data = opened ?? (await readDataset(directory));
  const openSeconds = (performance.now() - start) / 1000;
  const before = process.cpuUsage();
  const model = await train(data, parseConfig(config), { engine: createMeasuredEngine(engine) });
  const { user, system } = process.cpuUsage(before);
  const [epoch] = model.history;
  const parameters = createHash('sha256');
  for (const { values } of model.tensors) parameters.update(values);
  await opened?.close();
  return {
    eventsPerSecond: epoch?.eventsPerSecond,
    events: epoch?.events,
    loss: epoch?.loss,
    parameters: Number.parseInt(parameters.digest('hex').slice(0, 8), 16),
    openSeconds,
    cpuSeconds: (user + system) / 1e6,
    mebibytes: Math.round(peakMiB()),
  };
}

/** The task is in the file that the first argument names, as for a peer, and the answer has the form of a peer's. */
const [, , file = ''] = process.argv;
const request: OwnTask = JSON.parse(readFileSync(file, 'utf8'));
if (request.task === 'prepare') emit('done', await prepareOnce(request.options));
else if (request.task === 'stream') emit('done', await trainOnce(request));
else emit('done', measureIdLookup(request.structure, request.ids));
