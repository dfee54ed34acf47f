import { describe, expect, it } from 'vitest';
import { type StudyReport, type StudyRow, type StudySection, verdictsOf } from '../src/study.ts';
import { studyHtml } from '../src/study-html.ts';
import { studyMarkdown } from '../src/study-markdown.ts';

function row(
  name: string,
  family: StudyRow['family'],
  [recall, mrr]: readonly [number, number],
  more: Partial<StudyRow> = {},
): StudyRow {
  return {
    ...{ name, family, runs: 1, fitSeconds: 12.34, answerMilliseconds: 0.0567 },
    recall: { mean: recall, interval: [recall - 0.01, recall + 0.01], p: 0.2 },
    mrr: { mean: mrr, interval: [mrr - 0.01, mrr + 0.01], p: 0.001 },
    ...more,
  };
}

const tuning = {
  ...{ untuned: { recall: 0.5, mrr: 0.2 }, tuned: { recall: 0.55, mrr: 0.25 } },
  ...{ screened: 40, ended: 12, full: 3, seconds: 60 },
};

const won: StudySection = {
  ...{ name: 'shop', about: 'a shop', checksum: 'abc', items: 1234, events: 5000, sessions: 600 },
  ...{ testSessions: 70, predictions: 321, tuningSeconds: 100 },
  rows: [
    row('STAN', 'baseline', [0.6, 0.31]),
    row('GRU4Rec', 'gru4rec', [0.61, 0.3], { runs: 3, tuning }),
    row('GRU4Rec + STAN (0.4 : 0.6)', 'mix', [0.605, 0.305]),
  ],
  leads: {
    recall: { difference: 0.01, interval: [0.005, 0.015], p: 0.0009 },
    mrr: { difference: -0.01, interval: [-0.015, -0.005], p: 0.0009 },
  },
  earlier: [
    {
      ...{ tuningSeconds: 60, origin: { threads: 2 } },
      rows: [row('VSTAN', 'baseline', [0.6, 0.2]), row('GRU4Rec', 'gru4rec', [0.58, 0.25], { tuning })],
    },
  ],
  origin: { threads: 2 },
  claim: {
    ...{ model: 'GRU4Rec', baseline: 'item-KNN' },
    withRepeats: { model: { recall: 0.6, mrr: 0.3 }, baseline: { recall: 0.4, mrr: 0.2 } },
    withoutRepeats: { model: { recall: 0.38, mrr: 0.19 }, baseline: { recall: 0.4, mrr: 0.2 } },
  },
};
const other: StudySection = {
  ...won,
  name: 'news <b>',
  origin: { threads: 1, seeds: '1 | 2' },
  rows: [row('STAN', 'baseline', [0.7, 0.4]), row('VSTAN + GRU4Rec', 'mix', [0.6, 0.3])],
  claim: undefined,
  earlier: [],
};
const study: StudyReport = { sections: [won, other] };

describe('verdictsOf', () => {
  it('says who is best, and compares the best with a GRU4Rec and the best baseline', () => {
    expect(verdictsOf(won)).toEqual([
      'By recall@20, GRU4Rec (a GRU4Rec) is the best: 0.0100 above STAN, the best baseline, which may be chance.',
      'By MRR@20, STAN (a baseline) is the best: 0.0050 above GRU4Rec + STAN (0.4 : 0.6), the best with a GRU4Rec.',
    ]);
  });
});

describe('studyMarkdown', () => {
  const text = studyMarkdown(study);

  it('has one table of all methods and data sets, with mixes in one row and the best in bold', () => {
    expect(text).toContain('| method | shop | news \\<b\\> |');
    expect(text).toContain('| STAN | 0.6000 / **0.3100** | **0.7000** / **0.4000** |');
    expect(text).toContain('| GRU4Rec | **0.6100** / 0.3000 |  |');
    expect(text).toContain('| best mix | 0.6050 / 0.3050 | 0.6000 / 0.3000 |');
    expect(text).toContain('# Session-based recommendation on shop, news \\<b\\>');
  });

  it('says what each section comes from', () => {
    expect(text).toContain('|  | shop | news \\<b\\> |');
    expect(text).toContain('| threads | 2 | 1 |');
    expect(text).toContain('| seeds |  | 1 \\| 2 |');
  });

  it('starts at the level of the heading that is given', () => {
    expect(text.match(/^#+/gm)).toEqual(['#', '##', '##', '##', '##']);
    expect(studyMarkdown(study, { level: 3 }).match(/^#+/gm)).toEqual([
      '###',
      '####',
      '####',
      '####',
      '####',
    ]);
  });

  it('has intervals, tests, times and tuning per data set', () => {
    expect(text).toContain(
      '| GRU4Rec | **0.6100** | 0.6000–0.6200 | 0.200 | 0.3000 | 0.2900–0.3100 | 0.001 | 12.3 | 0.0567 | 3 | ' +
        '0.5000 / 0.2000 → 0.5500 / 0.2500 | 40 (12) + 3 | 60 / 100 |',
    );
    expect(text).toContain(
      '1,234 items; 5,000 training events in 600 sessions; 321 predictions in 70 test sessions',
    );
  });

  it('has the GRU4Rec chosen on validation beside the best baseline, of earlier runs too', () => {
    expect(text).toContain(
      'The GRU4Rec chosen on validation is above every baseline in recall@20 on 1 of 2 data sets, and in MRR@20 on 0.',
    );
    expect(text).toContain('| shop | 60 | 0.5800 GRU4Rec | 0.6000 VSTAN | −0.0200 |  |  |');
    expect(text).toContain(
      '| shop | 100 | 0.6100 GRU4Rec | 0.6000 STAN | +0.0100 | +0.0050 to +0.0150 | \\< 0.001 |',
    );
    expect(text).toContain(
      '| shop | 100 | 0.3000 GRU4Rec | 0.3100 STAN | −0.0100 | −0.0150 to −0.0050 | \\< 0.001 |',
    );
  });

  it('has the claim, with and without repeats', () => {
    expect(text).toContain(
      '| with repeats in the lists | 0.6000 / 0.3000 | 0.4000 / 0.2000 | +50.0 % / +50.0 % |',
    );
    expect(text).toContain(
      '| without repeats in the lists | 0.3800 / 0.1900 | 0.4000 / 0.2000 | −5.0 % / −5.0 % |',
    );
  });
});

describe('studyHtml', () => {
  const text = studyHtml(study);

  it('is one page with all tables, without scripts, whose strings are escaped', () => {
    expect(text.match(/<h2 id="data-\d">/g)).toHaveLength(2);
    expect(text).toContain('above every baseline in recall@20 on 1 of 2 data sets');
    expect(text).toContain('<strong>0.6100</strong>');
    expect(text).toContain('news &lt;b&gt;');
    expect(text).not.toMatch(/<script|<b>/);
    expect(text.match(/<table class="study">/g)).toHaveLength(7);
  });
});
