import { SessionHistory } from '@gru4rec/batcher';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { pairScales } from '../../src/parts/pair-tables.ts';
import {
  isIndexTable,
  type PartName,
  type SparsePartName,
  sparseParts,
  sparsePartsOf,
  tableVariables,
  weightsName,
  widthOf,
} from '../../src/parts/registry.ts';
import { SessionParts } from '../../src/parts/session-parts.ts';
import type { StoredTensor } from '../../src/storage/tensors.ts';
import { trainedVariables } from '../../src/training/variables.ts';
import { engine, engines, tinyConfig } from '../tiny-data.ts';

const ITEMS = 9;
const NEAR = 3;
/** Seeded parameters, with tables of three similar items per item. */
function drawTensors(config: ReturnType<typeof tinyConfig>): StoredTensor[] {
  const tables = Object.fromEntries(
    config.parts.filter((part) => part in pairScales).map((part) => [part, NEAR]),
  );
  const variables = [...trainedVariables(config, ITEMS), ...tableVariables(tables, ITEMS)];
  return variables.map((variable) => {
    const random = new RandomStream(3, `parts.${variable.name}`);
    const values = Float32Array.from({ length: variable.rows * variable.cols }, (_, at) => {
      const away = variable.name.startsWith('co-') ? 1 : 3;
      if (isIndexTable(variable)) return (Math.floor(at / NEAR) + away + (at % NEAR)) % ITEMS;
      const value = random.nextFloat() - 0.5;
      return variable.name.endsWith('.similarities') ? Math.abs(value) : value;
    });
    return { ...variable, values };
  });
}

/** The score of an item by the formulas of the parts. */
function naive(
  { tensors, config }: { tensors: readonly StoredTensor[]; config: ReturnType<typeof tinyConfig> },
  clicks: readonly number[],
  item: number,
  score: number,
): number {
  const valuesOf = (wanted: string) => Array.from(tensors.find(({ name }) => name === wanted)?.values ?? []);
  const c = valuesOf('repeats.weights');
  const past = clicks.toReversed();
  const last = [...new Set(past)].slice(0, config.repeatLength);
  // An item that leaves the last ones is counted anew.
  const row = new SessionHistory(1, config.repeatLength);
  for (const click of clicks) row.add(0, click);
  const logs = last.map((_, place) => Math.log(row.counts[place]!));
  const place = last.indexOf(item);
  const [w = 0, v = 0, a = 0] = c.slice(config.repeatLength);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  if (place >= 0) return c.length === 0 ? score : score * (1 + a) + c[place]! + w * logs[place]! + v * mean;
  return Object.entries({ 'co-occurrences': 0.02, 'similar-attributes': 0.2 }).reduce(
    (total, [part, scale]) => {
      const [weights, items, similar] = ['weights', 'items', 'similarities'].map((of) =>
        valuesOf(`${part}.${of}`),
      );
      const x = last.reduce((sum, one, k) => {
        const at = items!.slice(one * NEAR, (one + 1) * NEAR).indexOf(item);
        return at < 0 ? sum : sum + 0.8 ** k * similar![one * NEAR + at]!;
      }, 0);
      return total + (weights![0] ?? 0) * Math.log(1 + x / scale);
    },
    score,
  );
}

const subsets = fc.subarray(Object.keys(sparseParts) as SparsePartName[]);

describe.each(engines)('scores with any sparse parts on %s', (_name, engine) => {
  it('are the formulas of the parts, by scorers and in live sessions', () => {
    fc.assert(
      fc.property(
        subsets,
        fc.constantFrom(1, 2, 4),
        fc.array(fc.nat(ITEMS - 1), { minLength: 1, maxLength: 7 }),
        (sparse, repeatLength, clicks) => {
          const parts: PartName[] = ['network', ...sparse];
          const config = tinyConfig({ parts, layers: [5], repeatLength });
          const itemIds = Array.from({ length: ITEMS }, (_, item) => String(item));
          const drawn = { config, itemIds, history: [], tensors: drawTensors(config) };
          const model = new Gru4Rec({ ...drawn, engine });
          const plain = new Gru4Rec({ ...drawn, config: tinyConfig({ layers: [5] }), engine });
          const [all, network] = [model, plain].map((one) => one.scorer().open(1));
          const session = model.startSession();
          for (const [at, item] of clicks.entries()) {
            const event = [Int32Array.of(item), Float32Array.of(at === 0 ? 1 : 0)] as const;
            const expected = Array.from(network!.step(...event), (score, of) =>
              naive(drawn, clicks.slice(0, at + 1), of, score),
            );
            expectClose(all!.step(...event), expected, { absolute: 1e-5, relative: 1e-5 });
            session.click(item);
            const live = session.rank(itemIds).items;
            const scores = new Map(live.map(({ id, score }) => [Number(id), score]));
            expectClose(
              itemIds.map((_, of) => scores.get(of) ?? Number.NaN),
              expected,
              { absolute: 1e-5, relative: 1e-5 },
            );
            const history = ['none', ...clicks.slice(0, at + 1).map(String)];
            const explained = model.explain(history, itemIds);
            const sums = explained.map((added) => Object.values(added).reduce((sum, one) => sum + one));
            expectClose(sums, expected, { absolute: 1e-5, relative: 1e-5 });
            expect(explained.map((added) => Object.keys(added))).toEqual(Array(ITEMS).fill(parts));
          }
          for (const open of [all!, network!]) open.close();
          for (const one of [model, plain]) one.dispose();
        },
      ),
      { numRuns: 20, seed: 1 },
    );
  });

  it('are those of any parts that a scorer names, with recent clicks in the place of the network', () => {
    const parts: PartName[] = ['network', 'repeats', 'co-occurrences'];
    const config = tinyConfig({ parts, layers: [5], repeatLength: 3 });
    const itemIds = Array.from({ length: ITEMS }, (_, item) => String(item));
    const recentClicks = Float32Array.of(5, 0, 7, 7, 1, 30, 2, 9, 4);
    const tensors = drawTensors(config);
    const model = new Gru4Rec({ config, itemIds, history: [], tensors, recentClicks, engine });
    const clicks = [3, 1, 3, 8];
    fc.assert(
      fc.property(fc.subarray(parts, { minLength: 1 }), (wanted) => {
        const [scorer, network] = [wanted, ['network'] as const].map((some) =>
          model.scorer([], { parts: some }),
        );
        const [all, alone] = [scorer!.open(2), network!.open(2)];
        const kept = tensors.filter(({ name }) => wanted.some((part) => name.startsWith(`${part}.`)));
        for (const [at, item] of clicks.entries()) {
          // The second slot is one click behind.
          const event = [
            Int32Array.of(item, clicks[at - 1] ?? -1),
            Float32Array.of(Number(at === 0), Number(at === 1)),
          ] as const;
          const scores = all.step(...event);
          const plain = Array.from(alone.step(...event));
          for (const slot of at === 0 ? [0] : [0, 1]) {
            const row = Array.from(scores.subarray(slot * ITEMS, (slot + 1) * ITEMS));
            const past = clicks.slice(0, at + 1 - slot);
            const expected = row.map((_, of) => {
              const own = wanted.includes('network')
                ? plain[slot * ITEMS + of]!
                : 1e-5 * Math.log(1 + recentClicks[of]!);
              return naive({ tensors: kept, config }, past, of, own);
            });
            expectClose(row, expected, { absolute: 1e-5, relative: 1e-5 });
            if (wanted.includes('network')) continue;
            const equal = itemIds
              .map(Number)
              .filter((of) => naive({ tensors: kept, config }, past, of, 0) === 0);
            const byScore = equal.toSorted((a, b) => row[b]! - row[a]!);
            expect(byScore).toEqual(equal.toSorted((a, b) => recentClicks[b]! - recentClicks[a]!));
            expect(equal.length).toBeGreaterThan(0);
          }
        }
        for (const open of [all, alone]) open.close();
      }),
      { numRuns: 12, seed: 1 },
    );
    model.dispose();
  });
});

describe('scorer', () => {
  it('refuses parts that the model lacks', () => {
    const config = tinyConfig({ parts: ['network', 'repeats'] });
    const model = new Gru4Rec({ config, itemIds: [], history: [], tensors: [], engine });
    expect(() => model.scorer([], { parts: ['co-occurrences'] })).toThrow(
      new RangeError('scorer: "parts" expected any of network, repeats, got co-occurrences.'),
    );
  });
});

describe('SessionParts', () => {
  const config = tinyConfig({ parts: ['network', 'repeats', 'co-occurrences'], repeatLength: 2 });
  const tensors = drawTensors(config);

  it('adds what each part explains', () => {
    const parts = SessionParts.open(config, tensors, ITEMS);
    expect(parts?.names).toEqual(['repeats', 'co-occurrences']);
    const count = parts!.read({ items: Int32Array.of(4, 2), counts: Int32Array.of(1, 3) });
    expect(count).toBeGreaterThan(2);
    for (let item = 0; item < ITEMS; item++) {
      const place = parts!.placeOf(item);
      for (const score of [0, 2]) {
        const { repeats = 0, 'co-occurrences': others = 0 } = parts!.explain(item, score);
        const changed = place < 0 ? score : score * parts!.scale[place]! + parts!.added[place]!;
        expect(score + repeats + others).toBeCloseTo(changed, 6);
        expect(repeats !== 0 && others !== 0).toBe(false);
      }
    }
  });

  it('is none where all weights are 0 or a part lacks its tables', () => {
    const weights = sparsePartsOf(config).map(([name, part]): StoredTensor => {
      const cols = widthOf(part, config);
      return { name: weightsName(name), kind: 'parameter', rows: 1, cols, values: new Float32Array(cols) };
    });
    expect(SessionParts.open(config, weights, ITEMS)).toBeUndefined();
    const without = tensors.filter(({ name }) => name === 'co-occurrences.weights');
    expect(SessionParts.open(config, without, ITEMS)).toBeUndefined();
  });
});
