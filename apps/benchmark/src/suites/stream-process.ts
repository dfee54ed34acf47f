import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseConfig, train } from '@gru4rec/model';
import { openDataset, readDataset } from '@gru4rec/sessions';
import { createMeasuredEngine, type EngineChoice } from '../engine-choice.ts';
import { peakMiB } from '../environment.ts';

/** The task of the process. */
export interface StreamRequest {
  readonly directory: string;
  readonly streamed: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  readonly engine: EngineChoice;
}

/** Trains once and reports the result, in its own process so that its peak memory can be measured. */
const [file = ''] = process.argv.slice(2);
const { directory, streamed, config, engine }: StreamRequest = JSON.parse(readFileSync(file, 'utf8'));
const start = performance.now();
const opened = streamed ? await openDataset(directory) : undefined;
const data = opened ?? (await readDataset(directory));
const openSeconds = (performance.now() - start) / 1000;
const before = process.cpuUsage();
const model = await train(data, parseConfig(config), { engine: createMeasuredEngine(engine) });
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1e6;
const [epoch] = model.history;
const parameters = createHash('sha256');
for (const { values } of model.tensors) parameters.update(values);
await opened?.close();
const figures = {
  eventsPerSecond: epoch?.eventsPerSecond,
  events: epoch?.events,
  loss: epoch?.loss,
  parameters: Number.parseInt(parameters.digest('hex').slice(0, 8), 16),
  openSeconds,
  cpuSeconds,
  mebibytes: Math.round(peakMiB()),
};
process.stdout.write(`${JSON.stringify({ event: 'done', ...figures })}\n`);
