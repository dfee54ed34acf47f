import type { Engine, Program, Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { DistinctSamples } from '@gru4rec/sampler';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import { itemTables } from '../../src/programs/forward.ts';
import {
  featureTable,
  type ItemFeatures,
  ownTable,
  projectionOf,
  VECTORS,
} from '../../src/programs/item-features.ts';
import { TrainingStep } from '../../src/programs/training-step.ts';
import { engine, reference, tinyConfig } from '../tiny-data.ts';
import { batch, samples, stepOf } from './feature-steps.ts';

const [ITEMS, FEATURES, PER_ITEM, WIDTH, SCALE] = [9, 6, 3, 4, 0.3];

/** Item 3 has no feature, item 4 all three places; feature 5 is no item's. */
const features: ItemFeatures = {
  ...{ count: FEATURES, perItem: PER_ITEM, scale: SCALE },
  table: Int32Array.from(
    [0, -1, -1, 0, 1, -1, 2, -1, -1, -1, -1, -1, 0, 1, 4, 3, -1, -1].concat([1, 3, -1, 2, 4, -1, 4, -1, -1]),
  ),
};

/** Item 5 has no vector. */
const vectors = Float32Array.from({ length: ITEMS * WIDTH }, (_, at) =>
  at >= 5 * WIDTH && at < 6 * WIDTH ? 0 : Math.sin(at),
);
const withVectors: ItemFeatures = { ...features, width: WIDTH, vectors };
/** Only vectors. */
const vectorsOnly: ItemFeatures = { ...withVectors, count: 0, perItem: 0, table: new Int32Array() };

type Values = ReadonlyMap<string, Float64Array>;

function drawn(runtime: Runtime): Values {
  return new Map(
    runtime.variables.map(({ name, kind, rows, cols }) => {
      const random = new RandomStream(3, `features.${name}`);
      const next = kind === 'slot' ? () => 0 : () => random.nextFloat() - 0.5;
      return [
        name,
        name === VECTORS ? Float64Array.from(vectors) : Float64Array.from({ length: rows * cols }, next),
      ];
    }),
  );
}

/** Calls `each` for every feature of every item, or for every number of its vector: the row that is added, and how many times. */
function eachRow(
  { table, perItem, vectors: own }: ItemFeatures,
  kind: 'features' | 'vectors',
  each: (item: number, row: number, times: number) => void,
): void {
  if (kind === 'vectors')
    for (const [at, number] of own?.entries() ?? []) each(Math.floor(at / WIDTH), at % WIDTH, number);
  else
    for (const [at, feature] of table.entries()) if (feature >= 0) each(Math.floor(at / perItem), feature, 1);
}

/** The variables whose rows are added to those of a table, and how many rows they have. */
const addedTo = (name: string, { perItem, width = 0 }: ItemFeatures) =>
  [
    { kind: 'features', variable: featureTable(name), count: FEATURES, is: perItem > 0 },
    { kind: 'vectors', variable: projectionOf(name), count: WIDTH, is: width > 0 },
  ].filter(({ is }) => is) as { kind: 'features' | 'vectors'; variable: string; count: number }[];

/** A step of a configuration with features, and the same step without features on composed rows. */
function compare(
  values: object,
  engine: Engine,
  merged: boolean,
  tolerance: number,
  described: ItemFeatures,
): void {
  const config = tinyConfig({
    ...{ layers: [5], batchSize: 4, nSample: samples.length, optimizer: 'sgd', momentum: 0, ...values },
  });
  const drawnSamples = Number(config.nSample) > 0 ? samples : undefined;
  const merger = merged ? new DistinctSamples(ITEMS, 6) : undefined;
  const mergedSamples = merger?.items.length;
  const open = (with_: Record<string, unknown>) => {
    const program = buildTrainProgram(config, ITEMS, with_);
    const variants = merger
      ? [{ merger, program: buildTrainProgram(config, ITEMS, { mergedSamples, ...with_ }) }]
      : [];
    const runtime = engine.load([program, ...variants.map((of) => of.program)] as Program[]);
    const step = new TrainingStep(runtime, config, {
      ...{ dropoutSeed: 1, program, merged: variants },
      ...('features' in with_ && { features: described }),
    });
    return { runtime, step };
  };
  const featured = open({ features: described });
  const plain = open({});
  const first = drawn(featured.runtime);
  for (const [name, drawnValues] of first) featured.runtime.write(name, drawnValues);
  for (const [name, drawnValues] of first)
    if (!name.includes('.Wy') && plain.runtime.variables.some((v) => v.name === name))
      plain.runtime.write(name, drawnValues);
  const tables = Object.entries(itemTables(config));
  for (const [name, cols] of tables) {
    const composed = Float64Array.from(first.get(ownTable(name)) ?? []);
    for (const { kind, variable } of addedTo(name, described)) {
      const rows = first.get(variable) ?? new Float64Array();
      eachRow(described, kind, (item, row, times) => {
        for (let c = 0; c < cols; c++) {
          const at = item * cols + c;
          composed[at] = Number(composed[at]) + times * Number(rows[row * cols + c]);
        }
      });
    }
    plain.runtime.write(name, composed);
  }
  const [ofFeatured, ofPlain] = [
    stepOf(featured.runtime, featured.step, batch, drawnSamples),
    stepOf(plain.runtime, plain.step, batch, drawnSamples),
  ];
  const close = { absolute: tolerance, relative: tolerance };
  expectClose(Float64Array.of(ofFeatured.loss), Float64Array.of(ofPlain.loss), close);
  for (const [name, cols] of tables) {
    const change = ofPlain.change(name);
    expectClose(ofFeatured.change(ownTable(name)), change, close);
    for (const { kind, variable, count } of addedTo(name, described)) {
      const expected = new Float64Array(count * cols);
      eachRow(described, kind, (item, row, times) => {
        for (let c = 0; c < cols; c++) {
          const at = row * cols + c;
          expected[at] = Number(expected[at]) + SCALE * times * Number(change[item * cols + c]);
        }
      });
      expect(expected.some((value) => value !== 0)).toBe(true);
      expectClose(ofFeatured.change(variable), expected, close);
    }
    expect(ofFeatured.change(name).every((value) => value === 0)).toBe(true);
  }
  expectClose(ofFeatured.change('layer0.Wr'), ofPlain.change('layer0.Wr'), close);
}

const configurations = [
  { loss: 'cross-entropy', logq: 1, constrainedEmbedding: true },
  { loss: 'cross-entropy', constrainedEmbedding: false, embedding: 4 },
  { loss: 'bpr-max', constrainedEmbedding: true, finalAct: 'elu-0.5' },
  { loss: 'cross-entropy', constrainedEmbedding: true, nSample: 'all' },
  { loss: 'cross-entropy', constrainedEmbedding: false, embedding: 4, nSample: 0 },
];

describe('a step with features of items', () => {
  it.each(configurations)(
    'has loss and gradients of a step on composed rows, also of vectors: %j',
    (values) => {
      for (const described of [features, withVectors, vectorsOnly]) {
        compare(values, reference, false, 1e-9, described);
        if (Number(values.nSample ?? 1) > 0) compare(values, reference, true, 1e-9, described);
        compare(values, engine, false, 2e-5, described);
      }
    },
  );

  it('moves what vectors are multiplied by as finite differences say, and no vector', () => {
    const config = tinyConfig({
      ...{ layers: [5], batchSize: 4, nSample: samples.length, optimizer: 'sgd', momentum: 0 },
      ...{ loss: 'cross-entropy', constrainedEmbedding: true },
    });
    const program = buildTrainProgram(config, ITEMS, { features: withVectors });
    /** Loss of a step whose first values have one number moved, and what the step then changes. */
    const stepFrom = (name: string, at: number, by: number) => {
      const runtime = reference.load([program as Program]);
      for (const [variable, values] of drawn(runtime)) {
        if (variable === name) values[at] = Number(values[at]) + by;
        runtime.write(variable, values);
      }
      const options = { dropoutSeed: 1, program, features: withVectors };
      return stepOf(runtime, new TrainingStep(runtime, config, options), batch, samples);
    };
    for (const name of ['Wy', 'by'].map(projectionOf)) {
      for (const at of [0, 1, 3]) {
        const moved = stepFrom(name, at, 0).change(name)[at];
        const slope = (stepFrom(name, at, 1e-5).loss - stepFrom(name, at, -1e-5).loss) / 2e-5;
        expect(Math.abs(slope)).toBeGreaterThan(1e-4);
        expect(moved).toBeCloseTo(-SCALE * slope, 8);
      }
    }
    expect(
      stepFrom('', 0, 0)
        .change(VECTORS)
        .every((value) => value === 0),
    ).toBe(true);
  });
});
