import { readFileSync } from 'node:fs';
import { type PrepareOptions, prepare } from '@gru4rec/preprocess';
import { peakMiB } from '../environment.ts';

/** A preparation in its own process, so that its peak memory can be measured. */
export interface OwnTask {
  readonly options: PrepareOptions;
}

const emit = (event: string, fields: object) =>
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);

/** The task is in the file that the first argument names, as for a peer, and the answer has the form of a peer's. */
const [, , file = ''] = process.argv;
const { options }: OwnTask = JSON.parse(readFileSync(file, 'utf8'));
const start = performance.now();
const { manifest } = await prepare(options);
emit('prepared', { seconds: (performance.now() - start) / 1000, peakMiB: peakMiB() });
emit('done', { items: manifest.counts.items, ...manifest.counts.splits });
