import { describe, expect, it } from 'vitest';
import { trainingHtml } from '../src/training-html.ts';

const points = [
  { epoch: 0.5, loss: 7, learningRate: 0.1, eventsPerSecond: 900 },
  { epoch: 1, loss: 6, recall: 0.4, mrr: 0.2, learningRate: 0.1, eventsPerSecond: 1000 },
  { epoch: 2, loss: 5, recall: 0.45, mrr: 0.21, learningRate: 0.05, eventsPerSecond: 1000 },
  { epoch: 3, loss: 4.5, recall: 0.44, mrr: 0.22, learningRate: 0.01, eventsPerSecond: 1000 },
];

describe('trainingHtml', () => {
  it('draws what a run has, and says where it was best', () => {
    const text = trainingHtml({
      title: 'model',
      runs: [{ name: 'model', points, facts: { layers: '100' } }],
    });
    expect(text).toContain('Loss 4.5000 after epoch 3; the best recall@20, 0.4500, after epoch 2.');
    for (const id of ['loss', 'recall', 'mrr', 'learningrate', 'eventspersecond']) {
      expect(text).toContain(`<svg id="training-${id}"`);
    }
    expect(text).toContain('model: 7 in epoch 0.5, 4.5 in epoch 3.');
    expect(text).toContain('<th scope="row">layers</th>\n<td class="text">100</td>');
    expect(text).not.toContain('<script');
  });

  it('draws several runs as lines with names, which are escaped', () => {
    const other = { name: '<b>', points: points.slice(0, 1), facts: {} };
    const text = trainingHtml({ title: '<i>', runs: [{ name: 'model', points, facts: {} }, other] });
    expect(text).toContain('2 training runs.');
    expect(text).toContain(
      'model: 7 in epoch 0.5, 4.5 in epoch 3; &lt;b&gt;: 7 in epoch 0.5, 7 in epoch 0.5.',
    );
    expect(text).not.toMatch(/<[bi]>/);
  });

  it('has room for the labels of large numbers', () => {
    const fast = points.map((point) => ({ ...point, eventsPerSecond: 20_000 + 1000 * point.epoch }));
    const text = trainingHtml({ title: 'model', runs: [{ name: 'model', points: fast, facts: {} }] });
    const chart = text.split('<svg id="training-eventspersecond"')[1] ?? '';
    const [, end] = /<text[^>]*text-anchor="end"[^>]*transform="translate\(([\d.]+)/.exec(chart) ?? [];
    expect(Number(end)).toBeGreaterThan(7.5 * '23,000'.length);
  });

  it('leaves out charts of what is not known', () => {
    const text = trainingHtml({
      title: 'model',
      runs: [{ name: 'model', points: [{ epoch: 1, loss: 2 }], facts: {} }],
    });
    expect(text).toContain('Loss 2.0000 after epoch 1.');
    expect(text).not.toContain('training-recall');
    expect(text).not.toContain('Runs');
    expect(trainingHtml({ title: 'none', runs: [{ name: 'a', points: [], facts: {} }] })).toContain(
      'No training is on record.',
    );
  });
});
