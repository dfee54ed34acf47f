import { describe, expect, it } from 'vitest';
import { engine, reference, trainTiny } from '../tiny-data.ts';

describe('train', () => {
  it.each([
    ['one-hot input', { constrainedEmbedding: false, embedding: 0 }],
    ["a table of the layer's width", { constrainedEmbedding: false, embedding: 'layersize' }],
    ['two layers', { layers: [12, 7] }],
    ['reset-after', { gru: 'reset-after' }],
    ['logQ and smoothing', { logq: 1, smoothing: 0.1 }],
    ['dropout and momentum', { dropoutPEmbed: 0.3, dropoutPHidden: 0.2, momentum: 0.3 }],
    ['hard negatives', { hardNegatives: 5, temperature: 0.5, logq: 1 }],
    ['a hidden relu', { hiddenAct: 'relu' }],
    ['shuffled sessions', { sessionOrder: 'shuffled' }],
    ['TOP1 behind tanh', { loss: 'top1', finalAct: 'tanh' }],
    ['TOP1-max behind selu', { loss: 'top1-max', finalAct: 'selu-1.05-1.67' }],
    ['two layers of LSTM', { cell: 'lstm', layers: [9, 7] }],
    ['all items', { nSample: 'all' }],
    ['all items, a separate input table', { nSample: 'all', constrainedEmbedding: false, embedding: 5 }],
    ['all items, BPR-max', { nSample: 'all', loss: 'bpr-max', finalAct: 'elu-1' }],
    ['all items, TOP1-max, one slot', { nSample: 'all', loss: 'top1-max', batchSize: 1, nEpochs: 1 }],
    ['the sums of TOP1 over only a batch', { nSample: 0, loss: 'top1' }],
    ['rmsprop with momentum', { optimizer: 'rmsprop', decay: 0.95, momentum: 0.2, learningRate: 0.01 }],
    ['adadelta', { optimizer: 'adadelta', decay: 0.95, learningRate: 1 }],
    ['L2', { lmbd: 0.1 }],
    ['L2 with all items', { lmbd: 0.1, nSample: 'all', momentum: 0.2 }],
    ['a gradient norm cap', { gradCap: 0.05 }],
    ['a gradient norm cap, all items', { gradCap: 0.05, nSample: 'all' }],
    ['warm-up and decay', { warmupSteps: 10, learningRateDecay: 'linear' }],
    ['normal first values', { sigma: 0.1, initAsNormal: true }],
    ['a hidden state carried on', { resetAfterSession: false }],
  ])('agrees with the reference engine: %s', async (_name, values) => {
    const [a = 0, b = Number.NaN] = await Promise.all(
      [engine, reference].map(async (on) => (await trainTiny(values, { engine: on })).history.at(-1)?.loss),
    );
    expect(Math.abs(a - b) / Math.abs(b)).toBeLessThan(2e-5);
  });

  it.each([
    ['optimizer', ['adagrad', 'adam', 'rmsprop', 'adadelta', 'sgd']],
    ['loss', ['cross-entropy', 'bpr', 'top1', 'bpr-max', 'top1-max']],
    ['cell', ['gru', 'lstm', 'rnn']],
    ['gru', ['reset-before', 'reset-after']],
    ['hiddenAct', ['tanh', 'relu', 'sigmoid', 'linear', 'elu-1', 'leaky-0.1', 'selu-1.05-1.67']],
    ['nSample', [0, 16, 'all']],
    ['resetAfterSession', [true, false]],
    ['learningRateDecay', ['none', 'linear']],
    ['warmupSteps', [0, 5]],
    ['gradCap', [0, 0.05]],
    ['lmbd', [0, 0.1]],
    ['momentum', [0, 0.3]],
    ['sigma', [0, 0.02]],
    ['initAsNormal', [false, true]],
    ['smoothing', [0, 0.1]],
    ['logq', [0, 1]],
    ['temperature', [0.5, 1, 2]],
    ['hardNegatives', [0, 3, 10]],
    ['sampleAlpha', [0, 0.5, 1]],
  ])('lowers the loss with every value of %s, each differently', async (key, values) => {
    const losses = new Set<number>();
    for (const value of values) {
      const adaptive = value === 'adam' || value === 'rmsprop';
      const { history } = await trainTiny({
        ...{ [key]: value, nEpochs: 8, learningRate: adaptive ? 0.01 : 0.1 },
      });
      const [first, last] = [history.at(0)?.loss ?? 0, history.at(-1)?.loss ?? Number.NaN];
      expect(last).toBeLessThan(first);
      losses.add(last);
    }
    expect(losses.size).toBe(values.length);
  });
});
