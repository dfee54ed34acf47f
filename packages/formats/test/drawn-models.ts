import { createWasmEngine } from '@gru4rec/engine-wasm';
import {
  type ClickVocabulary,
  Gru4Rec,
  isIndexTable,
  modelLimits,
  pairScales,
  parseConfig,
  partNames,
  type StoredModel,
  type StoredTensor,
} from '@gru4rec/model';
import { clickShape } from '@gru4rec/model/programs';
import type { Engine } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expect } from 'vitest';

export const engines: readonly (readonly [name: string, engine: Engine])[] = [
  ['wasm', createWasmEngine({ threads: 1 })],
  ['reference', createReferenceEngine()],
];

type Named = readonly (readonly [name: string, values: Record<string, unknown>])[];

const inputs: Named = [
  ['constrained embedding', {}],
  ['separate embedding', { constrainedEmbedding: false, embedding: 5 }],
  ['one-hot input', { constrainedEmbedding: false }],
  ['three layers', { layers: [7, 3, 6] }],
];

/** Configurations with different scoring programs. */
export const configurations: Named = (
  [
    ['gru', {}],
    ['gru reset-after', { gru: 'reset-after' }],
    ['lstm', { cell: 'lstm' }],
    ['rnn, freshness', { cell: 'rnn', parts: ['network', 'recent-clicks', 'age'] }],
  ] as const
).flatMap(([cell, values]) =>
  inputs.map(([input, more]) => [`${cell}, ${input}`, { ...values, ...more }] as const),
);

const parts = partNames.filter((name) => name !== 'network');
const repeated = { parts: ['network', 'repeats', 'co-occurrences'], repeatLength: 3 };

/** Every subset of the parts beside the network, with histories of one item, some, and more items than there are. */
export const subsetsOfParts: Named = [
  ...Array.from({ length: 2 ** parts.length }, (_, bits) => {
    const subset = parts.filter((_part, at) => bits & (1 << at));
    const values = { parts: ['network', ...subset], repeatLength: [3, 1, 30][bits % 3] };
    return [`parts network ${subset.join(' ')}`, values] as const;
  }),
  ['sparse parts, two layers', { ...repeated, layers: [7, 5] }],
  [
    'sparse parts behind an activation',
    { ...repeated, repeatLength: 30, loss: 'bpr-max', finalAct: 'elu-0.5' },
  ],
];

export const activations = ['linear', 'relu', 'tanh', 'sigmoid', 'leaky-0.2', 'elu-0.5', 'selu-1.05-1.67'];

export const featured: Named = inputs
  .slice(0, 2)
  .map(([input, values]) => [`features, ${input}`, { ...values, itemFeatures: ['brand'] }]);

export const clickColumns: ClickVocabulary['columns'] = [
  { name: 'type', values: ['view', 'buy'], isType: true },
  { name: 'device', values: ['phone', 'desk', 'watch'] },
];

/** Models whose clicks have features: of one column, and of two. */
export const clicked: Named = [
  ['a feature per click', { clickFeatures: ['device'] }],
  [
    'two features per click, repeats, two layers',
    {
      ...{ ...repeated, clickFeatures: ['type', 'device'], layers: [7, 5] },
      ...{ constrainedEmbedding: false, embedding: 5 },
    },
  ],
];

/** A model with random parameters instead of trained ones, so that all of them affect the scores. */
export function drawModel(values: Record<string, unknown> = {}, itemCount = 23): Gru4Rec {
  const config = parseConfig({ layers: [8], batchSize: 4, nSample: 4, ...values });
  const random = new RandomStream(11, 'export');
  const draw = (length: number) => Float32Array.from({ length }, () => random.nextFloat() - 0.5);
  const features = config.itemFeatures.length > 0 ? { features: { count: 6, perItem: 2, scale: 0.1 } } : {};
  const columns = clickColumns.filter(({ name }) => config.clickFeatures.includes(name));
  const clicks = columns.length > 0 ? { clickVocabulary: { columns } } : {};
  const shape = clicks.clickVocabulary && { clicks: clickShape(clicks.clickVocabulary) };
  const paired = config.parts.filter((part) => part in pairScales);
  const tables = Object.fromEntries(paired.map((part, at) => [part, 4 + at]));
  const { variables } = modelLimits('drawn', config, itemCount, { ...features, ...shape, tables });
  const valuesOf = ({ name, kind, rows, cols }: (typeof variables)[number]): Float32Array => {
    if (kind === 'slot') return new Float32Array(rows * cols);
    const values = draw(rows * cols);
    if (isIndexTable({ name })) return values.map(() => random.nextBelow(itemCount));
    return name.endsWith('.similarities') ? values.map(Math.abs) : values;
  };
  const tensors = variables.map((v) => ({ ...v, values: valuesOf(v) }));
  const itemIds = Array.from({ length: itemCount }, (_, i) => `item ${i}, "é"`);
  return new Gru4Rec({ config, itemIds, history: [], tensors, engine: engines[0]![1], ...clicks });
}

export function onEngine(model: Gru4Rec, engine: Engine): Gru4Rec {
  const { config, itemIds, history, tensors, clickVocabulary } = model;
  return new Gru4Rec({ config, itemIds, history, tensors, clickVocabulary, engine });
}

/**
 * Events of `slots` parallel sessions, some of which end and free their slot for a new one; some items are −1, and some values
 * of `clickColumns`.
 */
export function* drawEvents(slots: number, steps: number, itemCount: number) {
  const random = new RandomStream(slots, 'export.events');
  for (let t = 0; t < steps; t++) {
    const input = Int32Array.from({ length: slots }, () =>
      random.nextFloat() < 0.1 ? -1 : random.nextBelow(itemCount),
    );
    const resetMask = Float32Array.from({ length: slots }, () =>
      t === 0 || random.nextFloat() < 0.2 ? 1 : 0,
    );
    const context = Int32Array.from(
      { length: slots * clickColumns.length },
      (_, at) => random.nextBelow(1 + clickColumns[at % clickColumns.length]!.values.length) - 1,
    );
    yield { input, resetMask, context };
  }
}

export const parametersOf = ({ tensors }: Pick<StoredModel, 'tensors'>): StoredTensor[] =>
  tensors.filter(({ kind }) => kind !== 'slot');

/** Expects the parameters of a model bit for bit, and the values of its optimiser as zeros. */
export function expectParameters(read: StoredModel, model: Gru4Rec): void {
  expect(parametersOf(read)).toEqual(parametersOf(model));
  expect(read.tensors.map(({ name }) => name)).toEqual(model.tensors.map(({ name }) => name));
  const slots = read.tensors.filter(({ kind }) => kind === 'slot');
  expect(slots.flatMap(({ values }) => [...values]).filter((value) => value !== 0)).toEqual([]);
}

export function expectScores(read: Gru4Rec, model: Gru4Rec): void {
  const sessions = [model, read].map((of) => of.scorer(clickColumns).open(3));
  for (const { input, resetMask, context } of drawEvents(3, 5, model.itemIds.length)) {
    const [expected, got] = sessions.map((session) => [...session.step(input, resetMask, context)]);
    expect(got).toEqual(expected);
  }
  for (const session of sessions) session.close();
}
