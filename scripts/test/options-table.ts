import { openArrow, readArrowBatches } from '../../packages/arrow-ipc/src/index.ts';
import * as baselines from '../../packages/baselines/src/index.ts';
import { SessionParallelBatcher, StreamedBatcher } from '../../packages/batcher/src/index.ts';
import * as comparison from '../../packages/comparison/src/index.ts';
import { replaceFolder } from '../../packages/durable-files/src/index.ts';
import { createTensorFlowEngine } from '../../packages/engine-tensorflow/src/index.ts';
import {
  createWasmEngine as createPlainEngine,
  openWasmEngine,
} from '../../packages/engine-wasm/src/index.ts';
import * as engines from '../../packages/engines/src/index.ts';
import * as exporting from '../../packages/export/src/index.ts';
import * as gru4rec from '../../packages/gru4rec/src/index.ts';
import { toConfig } from '../../packages/import-gru4rec/src/index.ts';
import { ItemIdTable } from '../../packages/item-ids/src/index.ts';
import { buildNativeKernels, findNativeKernels } from '../../packages/kernels-native/src/index.ts';
import * as metrics from '../../packages/metrics/src/index.ts';
import { Learner, LiveRecommender, readModel, readModelItemInfo } from '../../packages/model/src/index.ts';
import * as programs from '../../packages/model/src/programs.ts';
import { append, forget, prepare } from '../../packages/preprocess/src/index.ts';
import * as program from '../../packages/program/src/index.ts';
import { MixedRecommender, saveRecommender } from '../../packages/recommender/src/index.ts';
import { formatComparison, studyMarkdown } from '../../packages/report/src/index.ts';
import { PopularitySampler } from '../../packages/sampler/src/index.ts';
import * as serving from '../../packages/serving/src/index.ts';
import { RunningServer } from '../../packages/serving/src/recommendation-server.ts';
import { extendDatasetFiles, replaceDataset, writeDataset } from '../../packages/sessions/src/index.ts';
import * as synthetic from '../../packages/synthetic/src/index.ts';
import * as tensorflow from '../../packages/tensorflow-runtime/src/index.ts';
import * as tuning from '../../packages/tuning/src/index.ts';

const sessions = { sessionOffsets: Int32Array.of(0, 2, 4), items: Int32Array.of(0, 1, 1, 2) };
const sessionStartTimes = Float64Array.of(1, 2);
const data = {
  itemIds: ['a', 'b', 'c'],
  support: Int32Array.of(1, 2, 1),
  train: { ...sessions, sessionStartTimes },
};
const scorer = baselines.pop(data);
const config = { layers: [2], nSample: 0, batchSize: 2, nEpochs: 1 };
const engine = createPlainEngine({ threads: 1 });
const model = await gru4rec.train(data, config, { engine });
const session = model.startSession();
session.click('a');
const live = model.sessions();
live.click([{ session: 'visit', item: 'a' }]);
const popular = model.popularItems();
// Each function checks its options before it reads anything else.
const unread: never = {} as never;

const baseline = baselines.createBaseline('pop', data);
const dataset = { ...data, itemIds: model.itemIds } as never;
const watch = { onChange: () => {}, onError: () => {} };

/** [name, the function of its options, its required options, one of its options] */
export type OptionsRow = readonly [
  name: string,
  call: (options: never) => unknown,
  required: object,
  option: string,
];

/**
 * Every public function that checks its options, named as in `functionsWithOptions`; `: ` separates a parameter, or an
 * option that is an object itself.
 */
export const rows: readonly OptionsRow[] = [
  ['associationRules', (o) => baselines.associationRules(data, o), {}, 'pruning'],
  ['bprMf', (o) => baselines.bprMf(data, o), {}, 'factors'],
  ['createBaseline', (o) => baselines.createBaseline('stan', data, o), {}, 'sampleSize'],
  ['itemKnn', (o) => baselines.itemKnn(data, o), {}, 'neighbours'],
  ['mix', (o) => baselines.mix([scorer], o), { weights: [1] }, 'weights'],
  ['recentPop', (o) => baselines.recentPop(data, o), {}, 'days'],
  ['sequentialRules', (o) => baselines.sequentialRules(data, o), {}, 'weighting'],
  ['sessionKnn', (o) => baselines.sessionKnn(data, o), {}, 'similarity'],
  ['stan', (o) => baselines.stan(data, o), {}, 'lambda1'],
  ['tuneMix', (o) => baselines.tuneMix([scorer, scorer], sessions, o), {}, 'cutoff'],
  ['vectorSessionKnn', (o) => baselines.vectorSessionKnn(data, o), {}, 'scoreDecay'],
  ['vstan', (o) => baselines.vstan(data, o), {}, 'idfWeight'],
  [
    'new SessionParallelBatcher',
    (o) => new SessionParallelBatcher(o),
    { ...sessions, sessionStartTimes, batchSize: 1 },
    'historyLength',
  ],
  ['new StreamedBatcher', (o) => new StreamedBatcher(o), { data: { blocks: [] }, batchSize: 1 }, 'order'],
  ['createTensorFlowEngine', createTensorFlowEngine, { tensorflow: {} }, 'stepsPerCall'],
  ['createWasmEngine', createPlainEngine, {}, 'threads'],
  ['gru4rec.createWasmEngine', gru4rec.createWasmEngine, {}, 'threads'],
  ['openWasmEngine', openWasmEngine, {}, 'relaxed'],
  ['toOnnx', (o) => exporting.toOnnx(unread, o), {}, 'top'],
  ['writeOnnx', (o) => exporting.writeOnnx(unread, '', o), {}, 'top'],
  ['writeWeb', (o) => exporting.writeWeb(unread, '', o), {}, 'weights'],
  ['evaluate', (o) => gru4rec.evaluate(scorer, sessions, o), { cutoffs: [1] }, 'cutoffs'],
  ['new Learner', (o) => new Learner(model, o), { engine }, 'replays'],
  ['loadModel', (o) => gru4rec.loadModel('', o), { engine }, 'timeoutMs'],
  ['prepare', gru4rec.prepare, { inputs: ['a.csv'], output: 'b' }, 'testDays'],
  [
    'prepare: spark',
    (spark = null as never) => gru4rec.prepare({ inputs: ['a'], output: 'b', spark }),
    { home: 'a', master: 'local' },
    'folder',
  ],
  ['serve', (o) => gru4rec.serve('', o), {}, 'port'],
  ['train: options', (o) => gru4rec.train(data, config, o), { engine }, 'onEpoch'],
  [
    'train: options: checkpoint',
    (checkpoint = null as never) => gru4rec.train(data, config, { engine, checkpoint }),
    { every: {}, save: () => {} },
    'every',
  ],
  [
    'train: options: monitor',
    (monitor = null as never) => gru4rec.train(data, config, { engine, monitor }),
    { sessions },
    'every',
  ],
  ['Gru4Rec#save', (o) => model.save('', o), {}, 'itemInfo'],
  ['Gru4Rec#sessions', (o) => model.sessions(o), {}, 'capacity'],
  ['LiveRecommender#sessions', (o) => LiveRecommender.prototype.sessions.call(model, o), {}, 'capacity'],
  ['MixedRecommender#sessions', (o) => MixedRecommender.prototype.sessions.call(model, o), {}, 'capacity'],
  ['saveRecommender: info', (o) => saveRecommender(unread, '', o), {}, 'itemInfo'],
  ['loadRecommender', (o) => gru4rec.loadRecommender('', o), { engine }, 'timeoutMs'],
  [
    'restoreBaseline',
    (options) => baselines.restoreBaseline({ name: 'stan', options }, {}, 1),
    {},
    'sampleSize',
  ],
  ['LiveSession#top', (o) => session.top(1, o), {}, 'excludeSeen'],
  ['LiveSession#rank', (o) => session.rank(['b'], o), {}, 'maxPerGroup'],
  ['ScoredItems#top', (o) => popular?.top(1, o), {}, 'excludeSeen'],
  ['LiveSessions#topOfEach', (o) => live.topOfEach([], 1, o), {}, 'allow'],
  ['new ItemIdTable', (o) => new ItemIdTable(o), {}, 'bytes'],
  ['buildNativeKernels', buildNativeKernels, { environment: {}, onProgress: () => {} }, 'onProgress'],
  [
    'bootstrapIntervals',
    (o) => metrics.bootstrapIntervals([], new Float64Array(1), o),
    { resamples: 1, seed: 1 },
    'level',
  ],
  ['breakDownByPopularity', (o) => metrics.breakDownByPopularity(unread, 1, o), { support: [1] }, 'groups'],
  ['drawSessions', metrics.drawSessions, { size: 1, sessions: 1, seed: 1 }, 'size'],
  ['evaluateParts', (o) => metrics.evaluateParts(scorer, [sessions], o), { cutoffs: [1] }, 'slots'],
  [
    'evaluateWithPauses',
    (o) => metrics.evaluateWithPauses(scorer, sessions, o),
    { cutoffs: [1], pause: () => {} },
    'warmUp',
  ],
  ['meanIntervals', (o) => metrics.meanIntervals(unread, o), { cutoff: 1, resamples: 1, seed: 1 }, 'cutoff'],
  ['new PartEvaluator', (o) => new metrics.PartEvaluator(scorer, o), { cutoffs: [1] }, 'support'],
  [
    'pairedBootstrap',
    (o) => metrics.pairedBootstrap(unread, unread, o),
    { cutoff: 1, resamples: 1, seed: 1 },
    'resamples',
  ],
  ['sampleSessions', (o) => metrics.sampleSessions(sessions, o), { size: 1, seed: 1 }, 'size'],
  ['toConfig', (o) => toConfig({}, o), {}, 'code'],
  ['@gru4rec/preprocess.prepare', prepare, { inputs: ['a.csv'], output: 'b' }, 'testDays'],
  ['append', append, { inputs: ['a.csv'], output: 'b' }, 'lateSessions'],
  ['formatComparison', (o) => formatComparison(unread, o), { columns: 80 }, 'columns'],
  ['studyMarkdown', (o) => studyMarkdown(unread, o), {}, 'level'],
  ['new PopularitySampler', (o) => new PopularitySampler(o), { support: [1], alpha: 1, seed: 1 }, 'alpha'],
  [
    'createServer',
    serving.createServer,
    { models: [], startThread: () => unread, sessions: {} },
    'corsOrigins',
  ],
  ['EventLog.open', (o) => serving.EventLog.open('', o), {}, 'intervalMs'],
  ['FileStore.open', (o) => serving.FileStore.open('', o), {}, 'maxClicks'],
  ['openSessionStore', (o) => serving.openSessionStore('', o), {}, 'directory'],
  ['forget', forget, { directory: 'a', ids: new Set() }, 'directory'],
  ['extendDatasetFiles', (o) => extendDatasetFiles('', o), { base: 'a', preparation: {} }, 'more'],
  ['replaceDataset', (o) => replaceDataset('', o, async () => {}), {}, 'overwrite'],
  ['writeDataset', (o) => writeDataset('', unread, o), {}, 'compression'],
  ['generateShopLog', synthetic.generateShopLog, { seed: 1 }, 'events'],
  ['shopItems', synthetic.shopItems, { seed: 1 }, 'items'],
  ['shopLogBatches', (o) => [...synthetic.shopLogBatches(o)], { seed: 1 }, 'events'],
  ['writeShopLog', (o) => synthetic.writeShopLog('', o), { seed: 1 }, 'days'],
  ['findRuntimes', tensorflow.findRuntimes, {}, 'folder'],
  ['loadTensorFlow', tensorflow.loadTensorFlow, { device: 'cpu' }, 'folder'],
  ['setUpTensorFlow', tensorflow.setUpTensorFlow, { folder: 'a', environment: {} }, 'onProgress'],
  ['createMedianPruner', tuning.createMedianPruner, {}, 'startupTrials'],
  ['createTpeSampler', tuning.createTpeSampler, {}, 'goodShare'],
  [
    'runStudy',
    tuning.runStudy,
    { storage: {}, space: {}, trials: 1, seed: 1, direction: 'maximize', run: () => 1 },
    'parallel',
  ],
  ['openStudyDatabase', (o) => tuning.openStudyDatabase('', o), { study: 'a' }, 'leaseMs'],
  ['openArrow', (o) => openArrow(unread, o), {}, 'maxFields'],
  ['readArrowBatches', (o) => readArrowBatches(unread, o).next(), {}, 'maxBatchBytes'],
  [
    'compare: settings',
    (o) => comparison.compare(o, { dataset: unread, engine }),
    { data: 'a', contenders: [] },
    'cutoffs',
  ],
  [
    'compare: surroundings',
    (o) => comparison.compare({ data: 'a', contenders: [] }, o),
    { dataset: {}, engine },
    'onSessions',
  ],
  [
    'evaluateScorer: options',
    (o) => comparison.evaluateScorer(baseline, sessions, o, { threads: 1 }),
    { cutoffs: [1] },
    'cutoffs',
  ],
  [
    'evaluateScorer: threading',
    (o) => comparison.evaluateScorer(baseline, sessions, { cutoffs: [1] }, o),
    { threads: 1 },
    'worthSeconds',
  ],
  [
    'evaluateBesideBaselines',
    (o) => comparison.evaluateBesideBaselines(model, dataset, sessions, o),
    { threads: 1, onProgress: () => {}, cutoffs: [1] },
    'cutoffs',
  ],
  [
    'replay',
    (o) => comparison.replay(unread, o),
    { model, engine, contenders: [], learner: {}, everyMs: 1, cutoff: 1 },
    'fromMs',
  ],
  ['drawSample', (o) => comparison.drawSample(sessions, o), {}, 'sampleSeed'],
  ['sampleOf', (o) => comparison.sampleOf(1, o), {}, 'sampleSeed'],
  [
    'openEvaluation',
    (o) => comparison.openEvaluation('', o),
    { data: 'a', split: 'test', baselines: false },
    'sample',
  ],
  ['replaceFolder', (o) => replaceFolder('', o, async () => {}), {}, 'check'],
  ['checkEngine', (o) => engines.checkEngine('wasm', o), {}, 'places'],
  ['chooseEngine', (o) => engines.chooseEngine('wasm', o), {}, 'threads'],
  ['chooseEngineName', (o) => engines.chooseEngineName('wasm', o), {}, 'threads'],
  ['createEngine', (o) => engines.createEngine('wasm', o), {}, 'kernels'],
  ['makeWasmEngine', engines.makeWasmEngine, {}, 'kernels'],
  ['listEngines', engines.listEngines, {}, 'folder'],
  [
    'findNativeKernels',
    (o = null as never) => findNativeKernels('avx2', o),
    { build: 'a', own: 'b' },
    'build',
  ],
  ['LiveSessions#top', (o) => live.top('visit', 1, o), {}, 'deny'],
  ['LiveSessions#rank', (o) => live.rank('visit', ['b'], o), {}, 'deny'],
  ['ScoredItems#rank', (o) => popular?.rank(['b'], o), {}, 'boost'],
  ['readModel', (o) => readModel('', o), {}, 'timeoutMs'],
  ['readModelItemInfo', (o) => readModelItemInfo('', o), {}, 'timeoutMs'],
  [
    'buildScoreProgram',
    programs.buildScoreProgram,
    { config: model.config, itemCount: 3, slots: 1, name: 'a' },
    'slots',
  ],
  [
    'buildServeProgram',
    programs.buildServeProgram,
    { config: model.config, itemCount: 3, slots: 1 },
    'slots',
  ],
  [
    'new TrainingStep',
    (o) => new programs.TrainingStep(unread, unread, o),
    { dropoutSeed: 1, program: {} },
    'merged',
  ],
  ['joinParts', (o) => metrics.joinParts([], o, scorer), { cutoffs: [1] }, 'cutoffs'],
  ['sampleParts', (o) => metrics.sampleParts([], o).next(), { size: 1, sessions: 1, seed: 1 }, 'sessions'],
  ['evaluationWarnings', metrics.evaluationWarnings, { predictions: 1 }, 'repeatsRemoved'],
  ['adadelta', program.adadelta, { decay: 0.9 }, 'epsilon'],
  ['adagrad', program.adagrad, {}, 'momentum'],
  ['adam', program.adam, { beta1: 0.9, beta2: 0.99 }, 'epsilon'],
  ['rmsprop', program.rmsprop, { decay: 0.9 }, 'weightDecay'],
  ['sgd', program.sgd, {}, 'momentum'],
  ['ItemsFile.open', (o) => serving.ItemsFile.open('', o), {}, 'posted'],
  ['ItemsFile#watch', (o) => serving.ItemsFile.prototype.watch.call(unread, o), watch, 'everyMs'],
  ['new MemoryStore', (o) => new serving.MemoryStore(o), {}, 'maxClicks'],
  ['RedisStore.open', (o) => serving.RedisStore.open('', o), {}, 'maxAgeMs'],
  ['new ResilientStore', (o) => new serving.ResilientStore(unread, o), {}, 'retryMs'],
  [
    'ResilientStore#watch',
    (o) => serving.ResilientStore.prototype.watch.call(unread, o),
    { onStatus: () => {}, onUnreadable: () => {} },
    'onStatus',
  ],
  ['RecommendationServer#listen', (o) => RunningServer.prototype.listen.call(unread, o), {}, 'port'],
  ['RecommendationServer#stop', (o) => RunningServer.prototype.stop.call(unread, o), {}, 'limitMs'],
  ['cacheFolder', tensorflow.cacheFolder, { environment: {}, home: '/a', directory: '/b' }, 'directory'],
  ['checkDevice', (o) => tensorflow.checkDevice('cpu', o), {}, 'folder'],
  ['pickRuntime', tensorflow.pickRuntime, {}, 'resolveFrom'],
];
