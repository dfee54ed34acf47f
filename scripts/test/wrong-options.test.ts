import { describe, expect, it } from 'vitest';
import * as baselines from '../../packages/baselines/src/index.ts';
import { SessionParallelBatcher, StreamedBatcher } from '../../packages/batcher/src/index.ts';
import { createTensorFlowEngine } from '../../packages/engine-tensorflow/src/index.ts';
import {
  createWasmEngine as createPlainEngine,
  openWasmEngine,
} from '../../packages/engine-wasm/src/index.ts';
import * as exporting from '../../packages/export/src/index.ts';
import * as gru4rec from '../../packages/gru4rec/src/index.ts';
import { toConfig } from '../../packages/import-gru4rec/src/index.ts';
import { ItemIdTable } from '../../packages/item-ids/src/index.ts';
import { buildNativeKernels } from '../../packages/kernels-native/src/index.ts';
import * as metrics from '../../packages/metrics/src/index.ts';
import { append } from '../../packages/preprocess/src/index.ts';
import { formatComparison, studyMarkdown } from '../../packages/report/src/index.ts';
import { PopularitySampler } from '../../packages/sampler/src/index.ts';
import * as serving from '../../packages/serving/src/index.ts';
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
const popular = model.popularItems();
// Each function checks its options before it reads anything else.
const unread: never = {} as never;

/** [name, the function of its options, its required options, one of its options] */
type Row = readonly [name: string, call: (options: never) => unknown, required: object, option: string];

const rows: readonly Row[] = [
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
    'SessionParallelBatcher',
    (o) => new SessionParallelBatcher(o),
    { ...sessions, sessionStartTimes, batchSize: 1 },
    'historyLength',
  ],
  ['StreamedBatcher', (o) => new StreamedBatcher(o), { data: { blocks: [] }, batchSize: 1 }, 'minLiveSlots'],
  ['createTensorFlowEngine', createTensorFlowEngine, { tensorflow: {} }, 'stepsPerCall'],
  ['createWasmEngine', createPlainEngine, {}, 'threads'],
  ['gru4rec.createWasmEngine', gru4rec.createWasmEngine, {}, 'threads'],
  ['openWasmEngine', openWasmEngine, {}, 'relaxed'],
  ['toOnnx', (o) => exporting.toOnnx(unread, o), {}, 'top'],
  ['writeOnnx', (o) => exporting.writeOnnx(unread, '', o), {}, 'top'],
  ['writeWeb', (o) => exporting.writeWeb(unread, '', o), {}, 'weights'],
  ['evaluate', (o) => gru4rec.evaluate(scorer, sessions, o), { cutoffs: [1] }, 'cutoffs'],
  ['loadModel', (o) => gru4rec.loadModel('', o), { engine }, 'timeoutMs'],
  ['prepare', gru4rec.prepare, { inputs: ['a.csv'], output: 'b' }, 'testDays'],
  [
    'prepare: spark',
    (spark = null as never) => gru4rec.prepare({ inputs: ['a'], output: 'b', spark }),
    { home: 'a', master: 'local' },
    'folder',
  ],
  ['serve', (o) => gru4rec.serve('', o), {}, 'port'],
  ['train', (o) => gru4rec.train(data, config, o), { engine }, 'onEpoch'],
  [
    'train: checkpoint',
    (checkpoint = null as never) => gru4rec.train(data, config, { engine, checkpoint }),
    { every: {}, save: () => {} },
    'every',
  ],
  [
    'train: monitor',
    (monitor = null as never) => gru4rec.train(data, config, { engine, monitor }),
    { sessions },
    'every',
  ],
  ['save', (o) => model.save('', o), {}, 'itemInfo'],
  ['sessions', (o) => model.sessions(o), {}, 'capacity'],
  ['top', (o) => session.top(1, o), {}, 'excludeSeen'],
  ['rank', (o) => session.rank(['b'], o), {}, 'maxPerGroup'],
  ['popular.top', (o) => popular?.top(1, o), {}, 'excludeSeen'],
  ['topOfEach', (o) => model.sessions().topOfEach([], 1, o), {}, 'allow'],
  ['ItemIdTable', (o) => new ItemIdTable(o), {}, 'bytes'],
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
  ['PartEvaluator', (o) => new metrics.PartEvaluator(scorer, o), { cutoffs: [1] }, 'support'],
  [
    'pairedBootstrap',
    (o) => metrics.pairedBootstrap(unread, unread, o),
    { cutoff: 1, resamples: 1, seed: 1 },
    'resamples',
  ],
  ['sampleSessions', (o) => metrics.sampleSessions(sessions, o), { size: 1, seed: 1 }, 'size'],
  ['toConfig', (o) => toConfig({}, o), {}, 'code'],
  ['append', append, { inputs: ['a.csv'], output: 'b' }, 'lateSessions'],
  ['formatComparison', (o) => formatComparison(unread, o), { columns: 80 }, 'columns'],
  ['studyMarkdown', (o) => studyMarkdown(unread, o), {}, 'level'],
  ['PopularitySampler', (o) => new PopularitySampler(o), { support: [1], alpha: 1, seed: 1 }, 'alpha'],
  [
    'createServer',
    serving.createServer,
    { models: [], startThread: () => unread, sessions: {} },
    'corsOrigins',
  ],
  ['EventLog.open', (o) => serving.EventLog.open('', o), {}, 'intervalMs'],
  ['FileStore.open', (o) => serving.FileStore.open('', o), {}, 'maxClicks'],
  ['openSessionStore', (o) => serving.openSessionStore('', o), {}, 'directory'],
  [
    'extendDatasetFiles',
    (o) => extendDatasetFiles('', o),
    { base: 'a', more: 'b', preparation: {} },
    'preparation',
  ],
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
];

/** The error of a call with options of any kind. */
async function errorOf(call: Row[1], options: unknown): Promise<unknown> {
  try {
    await call(options as never);
    return undefined;
  } catch (error) {
    return error;
  }
}

const clear = /^(Type|Range)Error: [\w.: -]+: "[\w.]+" (expected|is required)[^\n]*$/;

describe('a public function with options', () => {
  it.each(rows)('%s refuses what is no object of options, and lacks none that it needs', async (...row) => {
    const [, call, required] = row;
    const wrong = [null, 3, ...(Object.keys(required).length > 0 ? [undefined] : [])];
    const lacking = Object.keys(required).map((name) => ({ ...required, [name]: undefined }));
    for (const options of [...wrong, ...lacking]) {
      expect(String(await errorOf(call, options))).toMatch(clear);
    }
  });

  it.each(rows)(
    '%s asks whether a misspelt option was meant otherwise',
    async (_, call, required, option) => {
      const error = await errorOf(call, { ...required, [`${option}x`]: 1 });
      expect(String(error)).toMatch(
        new RegExp(`: unknown option "${option}x"\\. Did you mean ${option}\\?$`),
      );
    },
  );
});
