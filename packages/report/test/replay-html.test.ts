import { describe, expect, it } from 'vitest';
import { replayHtml } from '../src/replay-html.ts';

const figures = (recall: number, predictions = 10) => ({ predictions, recall, mrr: recall / 2 });

describe('replayHtml', () => {
  it('draws a line per contender, escapes what is not ours, and shows gains with their signs', () => {
    const difference = { difference: -0.01, interval: [-0.02, 0.005] as const };
    const text = replayHtml('<i>', {
      ...{ cutoff: 20, excludeSeen: true },
      contenders: [
        { name: 'learner', ...figures(0.5), warm: figures(0.6), cold: figures(0.4), seconds: 1 },
        {
          ...{ name: '<b>', ...figures(0.3), warm: figures(0.7), cold: figures(0), seconds: 0 },
          difference: { recall: difference, mrr: difference },
        },
      ],
      periods: [
        { startMs: 0, figures: [figures(0.6), figures(0.2)] },
        { startMs: 3_600_000, figures: [figures(0.4), figures(0.4)] },
      ],
    });
    expect(text).toContain(
      '10 next clicks, each predicted before it was learnt. Lists have no items of their session: a repeated click is a miss.',
    );
    expect(text).toContain('learner: 0.6 in hour 0, 0.4 in hour 1; &lt;b&gt;: 0.2 in hour 0, 0.4 in hour 1.');
    expect(text).toContain('<td>0.6000</td>\n<td>0.4000</td>');
    expect(text).toContain('<td>−0.0100</td>\n<td>−0.0200 to 0.0050</td>');
    expect(text).not.toMatch(/<[bi]>|<script/);
  });

  it('joins periods, by their predictions, where there are more than 48', () => {
    const periods = Array.from({ length: 96 }, (_, at) => ({
      startMs: 600_000 * at,
      figures: [at % 2 === 0 ? figures(1, 30) : figures(0, 10)],
    }));
    const contender = { name: 'learner', ...figures(0.75), warm: figures(1), cold: figures(0), seconds: 1 };
    const text = replayHtml('day', { cutoff: 20, excludeSeen: false, contenders: [contender], periods });
    expect(text).toContain('learner: 0.75 in hour 0, 0.75 in hour 15.7.');
    expect(text).not.toContain('a repeated click is a miss');
  });
});
