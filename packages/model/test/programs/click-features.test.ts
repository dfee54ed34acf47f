import type { Batch } from '@gru4rec/batcher';
import type { Engine } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import { CLICK_TABLE, ClickEncoder, clickShape } from '../../src/programs/click-features.ts';
import { TrainingStep } from '../../src/programs/training-step.ts';
import { engine, reference, tinyConfig } from '../tiny-data.ts';
import { batch as noContext, read, samples, stepOf } from './feature-steps.ts';

const [ITEMS, SLOTS, WIDTH, SCALE] = [9, 4, 5, 0.3];
const clicks = { count: 6, perClick: 2, scale: SCALE };
/** The context of the slots: two features, the last one of none; a third value that only `countsSome` reads. */
const context = [
  [0, 4, 1],
  [1, 4, 0],
  [-1, -1, 0],
  [0, -1, 1],
] as const;
const batch = {
  ...noContext,
  context: Int32Array.from(context.flat()),
  targetContext: Int32Array.from(context.flat()),
};
const config = tinyConfig({
  ...{ layers: [5], batchSize: SLOTS, nSample: samples.length, optimizer: 'sgd', momentum: 0 },
  ...{ constrainedEmbedding: false, embedding: WIDTH },
});

/** First values of a variable; the rows of items are the same however many there are. */
function drawn(name: string, length: number): Float64Array {
  const random = new RandomStream(3, `clicks.${name}`);
  return Float64Array.from({ length }, () => random.nextFloat() - 0.5);
}

function open(engine: Engine, itemCount: number, options: object) {
  const program = buildTrainProgram(config, itemCount, options);
  const runtime = engine.load([program as never]);
  for (const { name, kind, rows, cols } of runtime.variables)
    runtime.write(name, kind === 'slot' ? new Float64Array(rows * cols) : drawn(name, rows * cols));
  return { runtime, step: new TrainingStep(runtime, config, { dropoutSeed: 1, program, ...options }) };
}

/** A step with features of clicks, and one without them on a row per slot that is composed of the same rows. */
function compare(engine: Engine, tolerance: number): void {
  const close = { absolute: tolerance, relative: tolerance };
  const featured = open(engine, ITEMS, { clicks });
  const plain = open(engine, ITEMS + SLOTS, {});
  const [E, F] = [read(featured.runtime, 'E'), read(featured.runtime, CLICK_TABLE)];
  const composed = read(plain.runtime, 'E');
  const rowsOf = (slot: number) => (context[slot] ?? []).slice(0, 2).filter((feature) => feature >= 0);
  for (let slot = 0; slot < SLOTS; slot++) {
    const item = Number(batch.input[slot]);
    for (let c = 0; c < WIDTH; c++) {
      const own = item < 0 ? 0 : Number(E[item * WIDTH + c]);
      const sum = rowsOf(slot).reduce((all, feature) => all + Number(F[feature * WIDTH + c]), own);
      composed[(ITEMS + slot) * WIDTH + c] = sum;
    }
  }
  plain.runtime.write('E', composed);
  const input = batch.input.map((item, slot) => (item < 0 ? -1 : ITEMS + slot));
  const ofFeatured = stepOf(featured.runtime, featured.step, batch, samples);
  const ofPlain = stepOf(plain.runtime, plain.step, { ...batch, input }, samples);
  expectClose(Float64Array.of(ofFeatured.loss), Float64Array.of(ofPlain.loss), close);
  const ofSlots = ofPlain.change('E').subarray(ITEMS * WIDTH);
  const [ofItems, ofFeatures] = [new Float64Array(ITEMS * WIDTH), new Float64Array(clicks.count * WIDTH)];
  for (let slot = 0; slot < SLOTS; slot++) {
    const item = Number(batch.input[slot]);
    for (let c = 0; c < WIDTH && item >= 0; c++) {
      const change = Number(ofSlots[slot * WIDTH + c]);
      ofItems[item * WIDTH + c] = Number(ofItems[item * WIDTH + c]) + change;
      for (const feature of rowsOf(slot))
        ofFeatures[feature * WIDTH + c] = Number(ofFeatures[feature * WIDTH + c]) + SCALE * change;
    }
  }
  expect(ofFeatures.filter((value) => value !== 0)).toHaveLength(3 * WIDTH);
  expectClose(ofFeatured.change('E'), ofItems, close);
  expectClose(ofFeatured.change(CLICK_TABLE), ofFeatures, close);
  expectClose(ofFeatured.change('layer0.Wr'), ofPlain.change('layer0.Wr'), close);
}

describe('a step with features of clicks', () => {
  it('has loss and gradients of a step on composed rows', () => {
    compare(reference, 1e-9);
    compare(engine, 2e-5);
  });

  it('counts only the targets that are marked, and follows all clicks', () => {
    const lossOf = (options: object, of: Batch) => {
      const { runtime, step } = open(reference, ITEMS, { clicks, ...options });
      const loss = step.run(of, samples, 0, 1);
      return { loss, state: read(runtime, 'layer0.h') };
    };
    const all = lossOf({}, batch);
    const some = lossOf({ countsSome: true }, batch);
    // Slots 0 and 3 count; slot 1 is dead for the loss, and so for the columns.
    const dead = { ...batch, live: Float32Array.of(1, 0, 0, 1), target: Int32Array.of(2, -1, -1, 5) };
    // As many times the mean of two as there are live slots.
    expect((2 / 3) * some.loss).toBeCloseTo(lossOf({}, dead).loss, 12);
    expect(some.state).toEqual(all.state);
  });
});

describe('ClickEncoder', () => {
  const vocabulary = {
    columns: [
      { name: 'type', values: ['view', 'cart'], isType: true },
      { name: 'device', values: ['phone'] },
    ],
  };
  const encoder = new ClickEncoder(vocabulary);

  it('numbers values one column after the other, and names those that are no features', () => {
    expect(clickShape(vocabulary)).toEqual({ count: 3, perClick: 2 });
    expect([...encoder.encode({ type: 'cart', device: 'phone', city: 'Paris' })]).toEqual([1, 2]);
    expect([...encoder.encode({ type: 'rate' })]).toEqual([-1, -1]);
    expect([...encoder.encode(Object.create({ type: 'view' }))]).toEqual([-1, -1]);
    expect([...encoder.encode({ device: 'phone' }, 'view')]).toEqual([0, 2]);
    const named = new ClickEncoder({ columns: [{ name: 'Event', values: ['view', 'cart'], isType: true }] });
    expect([...named.encode({ type: 'cart' })]).toEqual([1]);
    expect([...named.encode({ type: 'cart', Event: 'view' }, 'cart')]).toEqual([0]);
    expect(encoder.unknownOf({ type: 'rate', device: 'phone', city: 'Paris' })).toEqual(['type=rate']);
    expect(encoder.unknownOf({ device: 'watch' }, 'buy')).toEqual(['type=buy', 'device=watch']);
    expect(encoder.unknownOf({})).toEqual([]);
  });

  it('translates the context of a dataset with other columns and values', () => {
    const columns = [
      { name: 'city', values: ['Paris'] },
      { name: 'device', values: ['desk', 'phone'] },
      { name: 'type', values: ['cart', 'view', 'buy'] },
    ];
    const translate = encoder.translator(columns);
    expect([...translate(Int32Array.of(0, 1, 0, -1, 0, 1, 0, -1, 2))]).toEqual([1, 2, 0, -1, -1, -1]);
    expect(() => encoder.translator(columns.slice(0, 2))).toThrow(
      'clickFeatures: expected clicks with the column "type", got "city", "device". ' +
        'Prepare the dataset with its column of event types or context',
    );
  });
});
