import * as baselines from '../../packages/baselines/src/index.ts';
import { createWasmEngine as createPlainEngine } from '../../packages/engine-wasm/src/index.ts';
import * as gru4rec from '../../packages/gru4rec/src/index.ts';
import * as metrics from '../../packages/metrics/src/index.ts';
import { BaselineRecommender } from '../../packages/recommender/src/index.ts';

const sessions = { sessionOffsets: Int32Array.of(0, 2, 4), items: Int32Array.of(0, 1, 1, 2) };
const sessionStartTimes = Float64Array.of(1, 2);
const data = {
  itemIds: ['a', 'b', 'c'],
  support: Int32Array.of(1, 2, 1),
  train: { ...sessions, sessionStartTimes },
};
const scorer = baselines.createBaseline('pop', data);
const config = { layers: [2], nSample: 0, batchSize: 2, nEpochs: 1 };
const engine = createPlainEngine({ threads: 1 });
const model = await gru4rec.train(data, config, { engine });
const session = model.startSession();
session.click('a');
const live = model.sessions();
live.click([{ session: 'visit', item: 'a' }]);
// Each function checks its options before it reads anything else.
const unread: never = {} as never;

/** [name, the function of its options, its required options, one of its options] */
export type OptionsRow = readonly [
  name: string,
  call: (options: never) => unknown,
  required: object,
  option: string,
];

/** Every function of `gru4rec` that checks its options; `: ` separates a parameter, or an option that is an object itself. */
export const rows: readonly OptionsRow[] = [
  ['createBaseline', (o) => baselines.createBaseline('stan', data, o), {}, 'sampleSize'],
  ['createWasmEngine', gru4rec.createWasmEngine, {}, 'threads'],
  ['evaluate', (o) => gru4rec.evaluate(scorer, sessions, o), {}, 'cutoffs'],
  ['new Learner', (o) => new gru4rec.Learner(model, o), {}, 'batchSize'],
  ['loadModel', (o) => gru4rec.loadModel('', o), {}, 'timeoutMs'],
  ['prepare', gru4rec.prepare, { inputs: ['a.csv'], output: 'b' }, 'testDays'],
  [
    'prepare: spark',
    (spark = null as never) => gru4rec.prepare({ inputs: ['a'], output: 'b', spark }),
    { home: 'a', master: 'local' },
    'folder',
  ],
  ['append', gru4rec.append, { inputs: ['a.csv'], output: 'b' }, 'keepMs'],
  ['openEventLog', (o) => gru4rec.openEventLog('', o), {}, 'sync'],
  ['serve', (o) => gru4rec.serve('', o), {}, 'port'],
  ['train: options', (o) => gru4rec.train(data, config, o), {}, 'onEpoch'],
  [
    'train: options: checkpoint',
    (checkpoint = null as never) => gru4rec.train(data, config, { engine, checkpoint }),
    { every: {}, save: () => {} },
    'every',
  ],
  ['Gru4Rec#save', (o) => model.save('', o), {}, 'itemInfo'],
  ['Gru4Rec#sessions', (o) => model.sessions(o), {}, 'capacity'],
  [
    'BaselineRecommender#sessions',
    (o) => BaselineRecommender.prototype.sessions.call(model, o),
    {},
    'capacity',
  ],
  ['loadRecommender', (o) => gru4rec.loadRecommender('', o), {}, 'timeoutMs'],
  ['LiveSession#recommend', (o) => session.recommend(1, o), {}, 'excludeSeen'],
  ['LiveSession#rank', (o) => session.rank(['b'], o), {}, 'maxPerGroup'],
  ['evaluateAsync', (o) => metrics.evaluateAsync(scorer, [sessions], o), {}, 'slots'],
  [
    'pairedBootstrap',
    (o) => metrics.pairedBootstrap(unread, unread, o),
    { cutoff: 1, resamples: 1, seed: 1 },
    'resamples',
  ],
  ['sampleSessions', (o) => metrics.sampleSessions(sessions, o), { size: 1, seed: 1 }, 'size'],
  ['evaluationWarnings', metrics.evaluationWarnings, { predictions: 1 }, 'repeatsRemoved'],
];
