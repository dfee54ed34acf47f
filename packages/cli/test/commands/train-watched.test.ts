import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mapMetrics } from '@gru4rec/metrics';
import type { EpochRecord } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { readTrainingLog } from '../../src/training/training-log.ts';
import { streamSessions, trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation', '2d');
const inFolder = (name: string) => join(folder(), name);
const parameters = (output: string) => readFileSync(join(folder(), output, 'model.safetensors'));
const history = (output: string): EpochRecord[] =>
  JSON.parse(readFileSync(join(folder(), output, 'model.json'), 'utf8')).history;
const train = (output: string, ...more: string[]) =>
  trainTiny(folder(), output, '--threads', '1', '--engine', 'wasm:wasm', ...more);

describe('trainer train with a validation split', () => {
  it('reports recall and MRR of the same sessions with each epoch, also with streamed sessions', async () => {
    const { code, stderr } = await train('watched');
    expect(code).toBe(0);
    expect(stderr.match(/^epoch \d .* validation recall@20 0\.\d{4} MRR 0\.\d{4}/gm)).toHaveLength(2);
    expect(stderr).toMatch(/^Validation after each epoch: \d+ sessions$/m);
    streamSessions();
    expect((await train('streamed')).stderr).toContain('sessions streamed from disk');
    const figures = (records: EpochRecord[]) => records.map(({ loss, validation }) => ({ loss, validation }));
    expect(figures(history('streamed'))).toEqual(figures(history('watched')));
    expect(parameters('streamed').equals(parameters('watched'))).toBe(true);
  });
});

describe('trainer train --log', () => {
  it('writes the run and its epochs', async () => {
    expect((await train('logged', '--log', 'logged.jsonl')).code).toBe(0);
    const lines = await readTrainingLog(inFolder('logged.jsonl'));
    expect(lines.map(({ kind }) => kind).filter((kind) => kind !== 'report')).toEqual([
      ...['run', 'epoch', 'epoch'],
    ]);
    expect(lines[0]).toMatchObject({ output: 'logged', config: { layers: [16], nEpochs: 2 } });
    const epochs = lines.filter((line) => line.kind === 'epoch');
    const records = history('logged');
    expect(epochs.map((line) => ({ loss: line.loss, ...mapMetrics((name) => line[name]) }))).toEqual(
      records.map(({ loss, validation }) => ({ loss, ...validation })),
    );
    expect(epochs.at(-1)).toMatchObject({ epoch: 2, epochs: 2, learningRate: 0.1 });
    expect(epochs.at(-1)?.step).toBe(records.reduce((sum, { steps }) => sum + steps, 0));
  });
});
