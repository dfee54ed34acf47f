import { describe, expect, it } from 'vitest';
import { toConfig } from '../src/to-config.ts';

describe('mapLoss', () => {
  it('reads xe_logit as cross-entropy', () => {
    expect(toConfig({ loss: 'xe_logit', final_act: 'softmax_logit' }).config['loss']).toBe('cross-entropy');
  });

  it('reads the loss of 2017 whose name contains bpreg', () => {
    const { config, notes } = toConfig({ loss: 'bpr-max-0.5', final_act: 'linear' });
    expect([config['loss'], config['bpreg']]).toEqual(['bpr-max', 0.5]);
    expect(notes.at(-1)).toContain(
      '"loss" was used until 2017, when absent parameters meant batch_size=50, dropout_p_hidden=0.5',
    );
    expect(toConfig({ loss: 'bpr-max-0.5', bpreg: '0.5' }).config['bpreg']).toBe(0.5);
    expect(() => toConfig({ loss: 'bpr-max-0.5', bpreg: 1 })).toThrow(
      'toConfig: "bpreg" expected 0.5 with loss bpr-max-0.5, got 1. Until 2017 it was part of the name of the loss; give it only once.',
    );
  });

  it.each(['bprmax', 'BPR-max', 'cross_entropy', 'bpr-max-', 'bpr-max-x', ''])('refuses %j', (loss) => {
    expect(() => toConfig({ loss })).toThrow(
      `toConfig: "loss" expected one of cross-entropy, bpr-max, bpr, top1, top1-max, xe_logit, got "${loss}". Check its spelling.`,
    );
  });

  it('drops logq of the PyTorch code without cross-entropy', () => {
    const { config, notes } = toConfig({ loss: 'bpr-max', logq: '1.0' });
    expect(config['logq']).toBe(0);
    expect(notes).toEqual(['"logq" 1 becomes 0: the PyTorch code uses it only with cross-entropy.']);
  });

  it('refuses logq of the Theano code without cross-entropy if it has an effect', () => {
    expect(() => toConfig({ loss: 'bpr-max', logq: 1 }, { code: 'theano' })).toThrow(
      'toConfig: "logq" expected 0 with loss bpr-max, got 1. The Theano code corrects the scores of bpr-max as well',
    );
  });

  it('keeps smoothing only with cross-entropy', () => {
    const softmax = { loss: 'cross-entropy', final_act: 'softmax', smoothing: 0.1 };
    expect(toConfig(softmax).config['smoothing']).toBe(0.1);
    const { config, notes } = toConfig({ loss: 'bpr-max', smoothing: 0.1 }, { code: 'theano' });
    expect(config['smoothing']).toBe(0);
    expect(notes).toEqual(['"smoothing" 0.1 becomes 0: the Theano code does not use it with loss bpr-max.']);
  });
});
