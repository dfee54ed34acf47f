import { readFileSync } from 'node:fs';
import { type PrepareOptions, prepare } from '@gru4rec/preprocess';
import { peakMiB } from '../environment.ts';

/** Runs `prepare` in its own process, so that its memory can be measured. It uses the protocol of the peers. */
const request: PrepareOptions = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const emit = (event: string, fields: object) =>
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
const start = performance.now();
const { manifest } = await prepare(request);
emit('prepared', { seconds: (performance.now() - start) / 1000, peakMiB: peakMiB() });
emit('done', { items: manifest.counts.items, ...manifest.counts.splits });
