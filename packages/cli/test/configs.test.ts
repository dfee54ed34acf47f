import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/arguments/read-config.ts';
import { parseContenders } from '../src/comparing/contender.ts';

const folder = new URL('../../../configs/', import.meta.url);
const read = (name: string) => readConfig(fileURLToPath(new URL(name, folder)), {});

describe('configs', () => {
  const inStudy = readdirSync(new URL('study/', folder)).map((name) => `study/${name}`);
  const [baselines, tuned] = [true, false].map((isOfBaselines) =>
    inStudy.filter((name) => name.endsWith('-baselines.json') === isOfBaselines),
  );
  const others = readdirSync(folder).filter((name) => name.endsWith('.json'));

  it.each([...others, ...(tuned ?? [])])('%s is valid', async (name) => {
    expect((await read(name)).nEpochs).toBeGreaterThan(0);
  });

  it.each(baselines ?? [])('%s has contenders of compare', (name) => {
    const contenders: Record<string, string> = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    const kinds = parseContenders(Object.values(contenders)).map(({ kind }) => kind);
    expect(kinds).toEqual(Array(12).fill('baseline'));
  });

  it('include the cross-entropy run on RSC15', async () => {
    expect(await read('rsc15-100k-cross-entropy.json')).toMatchObject({
      loss: 'cross-entropy',
      constrainedEmbedding: true,
      layers: [100],
      gru: 'reset-after',
      batchSize: 32,
      nSample: 2048,
      sampleAlpha: 0.5,
      logq: 1,
      learningRate: 0.2,
      momentum: 0.2,
      dropoutPHidden: 0.4,
      dropoutPEmbed: 0,
      nEpochs: 10,
    });
  });

  it('include the BPR-max run on RSC15', async () => {
    expect(await read('rsc15-100k-bpr-max.json')).toMatchObject({
      loss: 'bpr-max',
      constrainedEmbedding: true,
      layers: [224],
      gru: 'reset-after',
      batchSize: 80,
      nSample: 2048,
      sampleAlpha: 0.4,
      finalAct: 'elu-0.5',
      bpreg: 1.95,
      logq: 0,
      learningRate: 0.05,
      momentum: 0.4,
      dropoutPEmbed: 0.5,
      dropoutPHidden: 0.05,
      nEpochs: 10,
    });
  });
});
