import { join } from 'node:path';
import { readDataset, type SessionChunk, writeDataset } from '@gru4rec/dataset';
import type { Scorer } from '@gru4rec/metrics';
import type { Gru4Rec } from '@gru4rec/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateRecommender } from '../src/evaluate-scorer.ts';
import { type EvaluationOptions, type EvaluationSettings, openEvaluation } from '../src/evaluation.ts';
import { datasetFacts, drawSample, splitChecksum } from '../src/held-out.ts';
import { warningsOf } from '../src/run-contenders.ts';
import { makeFolder } from './make-folder.ts';

const ITEMS = 4;
/** More sessions than fit in one record batch, so that there are two. */
const TEST_SESSIONS = 65_536 + 100;

let folder = '';

beforeAll(async () => {
  folder = makeFolder(afterAll);
  const itemIds = Array.from({ length: ITEMS }, (_, item) => `i${item}`);
  const train = sessionsOf(1000, 0);
  const support = new Int32Array(ITEMS);
  for (const item of train.items) support[item] = (support[item] ?? 0) + 1;
  const starts = { later: 10_000, straddling: 960, overlapping: 900, inside: -70_000 };
  for (const [name, start] of Object.entries(starts)) {
    const splits = { train: [train], test: [sessionsOf(TEST_SESSIONS, start)] };
    await writeDataset(join(folder, name), { items: [{ itemIds, support }], splits });
  }
  const without3 = { ...train, items: train.items.map((item) => item % 3) };
  const counts = Int32Array.from(
    { length: ITEMS },
    (_, item) => without3.items.filter((own) => own === item).length,
  );
  const cold = { train: [without3], test: [sessionsOf(TEST_SESSIONS, 10_000)] };
  await writeDataset(join(folder, 'cold'), { items: [{ itemIds, support: counts }], splits: cold });
});

/** Sessions of one event, but of up to three in every eighth; sessions start one second apart, as do events. */
function sessionsOf(count: number, start: number): SessionChunk {
  const sessionOffsets = new Int32Array(count + 1);
  const items: number[] = [];
  const times: number[] = [];
  for (let session = 0; session < count; session++) {
    for (let event = 0; event <= (session % 8 === 0 ? session % 3 : 0); event++) {
      items.push((((session * session) % 7) ^ event) % ITEMS);
      times.push(1000 * (start + session + event));
    }
    sessionOffsets[session + 1] = items.length;
  }
  return {
    sessionIds: Array.from({ length: count }, (_, session) => `s${session}`),
    sessionOffsets,
    items: Int32Array.from(items),
    times: BigInt64Array.from(times, BigInt),
  };
}

/** Scores by the latest click; items 0 and 3 score the same. */
const scorer: Scorer = {
  name: 'step',
  itemCount: ITEMS,
  open: () => ({
    step: (input) =>
      Float64Array.from({ length: ITEMS * input.length }, (_, at) => {
        const distance = (((at % ITEMS) + 3 * (input[Math.floor(at / ITEMS)] ?? 0)) % ITEMS) % 3;
        return -distance;
      }),
    close() {},
  }),
};

/** Has the dataset's items in reverse order. */
const model = {
  itemIds: Array.from({ length: ITEMS }, (_, item) => `i${ITEMS - 1 - item}`),
  itemIndex: (id: string) => ITEMS - 1 - Number(id.slice(1)),
  scorer: () => scorer,
  ...{ baseline: { bytes: 0, from: { options: {} } }, tunedOn: [] },
} as unknown as Gru4Rec;

const options = { cutoffs: [1, 2], tieRule: 'standard', onProgress: () => undefined } as const;
const fromDisk = { ...options, threads: 1 } as const;
const settings = { data: 'data', split: 'test', baselines: false } as const satisfies EvaluationSettings;

type Case = Partial<EvaluationOptions> & Pick<EvaluationSettings, 'sample'> & { readonly name?: string };

/** @returns the evaluations from disk and from memory, and the totals in the progress of the first. */
async function evaluateBoth({ name = 'later', sample, ...more }: Case) {
  const directory = join(folder, name);
  const totals = new Set<number | undefined>();
  const source = await openEvaluation(directory, { ...settings, sample });
  const onDisk = await source.evaluate(model, {
    ...{ ...fromDisk, ...more },
    onProgress: (_, { total }) => totals.add(total),
  });
  await source.close();
  const data = await readDataset(directory);
  if (!data.test) throw new Error('no test split');
  expect(data.test.blocks).toHaveLength(2);
  const drawn = drawSample(data.test, { sample });
  expect(source.sample).toEqual(drawn.sample);
  const given = { ...options, ...more };
  const { name: called, ...inMemory } = await evaluateRecommender(model, data, [drawn.sessions], given);
  expect({ called, baselines: onDisk.baselines }).toEqual({ called: 'step', baselines: [] });
  return { onDisk: onDisk.model.run.evaluation, inMemory, totals };
}

describe('openEvaluation', () => {
  it.each<[Case]>([
    [{ bootstrap: { resamples: 5, seed: 1 } }],
    [{ protocol: 'last', tieRule: 'median' }],
    [{ protocol: 'remaining' }],
    [{ sample: { share: 0.1 }, bootstrap: { resamples: 5, seed: 1 } }],
    [{ excludeSeen: true }],
    [{ name: 'cold' }],
  ])('gives the same result from disk as from memory: %j', async (options) => {
    const { onDisk, inMemory, totals } = await evaluateBoth(options);
    expect(onDisk).toEqual(inMemory);
    const tied = options.protocol !== 'remaining' && !options.excludeSeen;
    expect(inMemory.ties.tied > 0).toBe(tied);
    const known = options.sample === undefined;
    expect([...totals]).toEqual([known ? inMemory.predictions : undefined]);
  });

  it('has figures of warm and cold targets if an item has no training events', async () => {
    const source = await openEvaluation(join(folder, 'cold'), {
      ...{ ...settings, baselines: true, sample: { share: 0.02 } },
    });
    const { model: own, baselines } = await source.evaluate(model, fromDisk);
    for (const { run } of [own, ...baselines]) {
      const { predictions, results, warm, cold } = run.evaluation;
      expect((warm?.predictions ?? 0) + (cold?.predictions ?? 0)).toBe(predictions);
      expect(cold?.predictions).toBeGreaterThan(20);
      const hits = (at: number) =>
        [warm, cold].reduce((sum, of) => sum + (of?.predictions ?? 0) * (of?.results[at]?.recall ?? 0), 0);
      expect([0, 1].map((at) => hits(at) / predictions)).toEqual(
        results.map(({ recall }) => expect.closeTo(recall, 12)),
      );
    }
    expect(baselines.every(({ run }) => !('ranks' in run.evaluation))).toBe(true);
    const remaining = await source.evaluate(model, { ...fromDisk, protocol: 'remaining' });
    expect(remaining.model.run.evaluation.cold).toBeUndefined();
    await source.close();
    const { onDisk } = await evaluateBoth({ sample: { share: 0.02 } });
    expect('cold' in onDisk).toBe(false);
  });

  it.each([
    ['later', 0],
    ['straddling', 0],
    ['overlapping', 1],
    ['inside', 1],
  ])('gives the same warnings from disk as from memory if test sessions are %s', async (name, count) => {
    const source = await openEvaluation(join(folder, name), settings);
    const { model: own, warnings } = await source.evaluate(model, { ...fromDisk, cutoffs: [1] });
    await source.close();
    const data = await readDataset(join(folder, name));
    if (!data.test) throw new Error('no test split');
    const evaluated = splitChecksum(data, 'test');
    expect(warnings).toEqual(
      warningsOf([own], datasetFacts(data, 'test', data.test), { evaluated, intervals: false }),
    );
    expect(warnings.filter((text) => /split|training/.test(text))).toHaveLength(count);
  });

  it('closes the dataset if the split is missing', async () => {
    await expect(openEvaluation(join(folder, 'later'), { ...settings, split: 'validation' })).rejects.toThrow(
      'The dataset data has no validation split. Prepare it with --validation',
    );
  });
});
