import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StudyRow } from '@gru4rec/report';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resultsMarkdown } from '../../src/results/markdown.ts';
import { readRecordedReferee, recordReferee, withReferee } from '../../src/results/referee-record.ts';
import type { RefereeSection } from '../../src/study/referee.ts';
import { emptySection } from './rows.ts';

const row = (name: string, family: StudyRow['family'], mean: number): StudyRow => ({
  ...{ name, family, runs: 1, recall: { mean }, mrr: { mean: mean / 2 } },
  ...{ fitSeconds: 12.34, answerMilliseconds: 0.0567 },
});
const section = {
  ...emptySection,
  rows: [row('STAN', 'baseline', 0.5), row('GRU4Rec', 'gru4rec', 0.6), row('GRU4Rec + STAN', 'mix', 0.61)],
};
const refereed: RefereeSection = {
  ...{ data: 'shop', checksum: 'abc' },
  methods: [
    {
      row: row('SASRec (RecTools)', 'peer', 0.625),
      lead: {
        over: 'GRU4Rec',
        recall: { difference: 0.025, interval: [0.01, 0.04], p: 0.001 },
        mrr: { difference: -0.0125, interval: [-0.02, -0.005], p: 0.001 },
      },
    },
    { row: row('eSASRec (RecTools)', 'peer', 0.55) },
  ],
};

describe('withReferee', () => {
  it('has the rows of other programs before the mix, on the same data only', () => {
    const names = ({ sections }: ReturnType<typeof withReferee>) =>
      sections.map(({ rows }) => rows.map(({ name }) => name));
    const study = { sections: [section, { ...section, name: 'globo' }, { ...section, checksum: 'def' }] };
    const same = ['STAN', 'GRU4Rec', 'GRU4Rec + STAN'];
    expect(names(withReferee(study, [refereed]))).toEqual([
      ['STAN', 'GRU4Rec', 'SASRec (RecTools)', 'eSASRec (RecTools)', 'GRU4Rec + STAN'],
      same,
      same,
    ]);
  });
});

describe('recordReferee', () => {
  it('keeps other methods on the same data, replaces those on other data, and reads remarks', () => {
    const root = mkdtempSync(join(tmpdir(), 'benchmark-referee-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    expect(readRecordedReferee(root)).toBeUndefined();
    const order = ['globo', 'shop'];
    const only = (at: number): RefereeSection => ({
      ...refereed,
      methods: refereed.methods.slice(at, at + 1),
    });
    recordReferee([{ ...refereed, checksum: 'old' }], { order, root });
    recordReferee([only(1), { ...refereed, data: 'globo' }], { order, root });
    recordReferee([only(0)], { order, root });
    mkdirSync(join(root, 'study'), { recursive: true });
    writeFileSync(join(root, 'study', 'referee.md'), 'What was found.\n');
    expect(readRecordedReferee(root)).toEqual({
      sections: [{ ...refereed, data: 'globo' }, refereed],
      remarks: 'What was found.',
    });
  });
});

describe('resultsMarkdown', () => {
  it('has other programs in the tables of the study and beside the GRU4Rec that validation chose', () => {
    const referee = { sections: [refereed], remarks: 'What was found.' };
    const page = resultsMarkdown([], { report: { sections: [section] } }, undefined, referee);
    expect(page).toContain('### Transformers\n\nWhat was found.\n\n');
    expect(page).toContain(
      '| shop | SASRec (RecTools) | 0.6250 | 0.3125 | 12.3 | 0.0567 | GRU4Rec ' +
        '| +0.0250 (+0.0100 to +0.0400) | −0.0125 (−0.0200 to −0.0050) |',
    );
    expect(page).toContain('| shop | eSASRec (RecTools) | 0.5500 | 0.2750 | 12.3 | 0.0567 |  |  |  |');
    expect(page).toContain('| SASRec (RecTools) | **0.6250** / **0.3125** |');
    expect(page).toContain(
      'By recall@20, SASRec (RecTools) (another program) is the best: 0.0150 above GRU4Rec + STAN',
    );
  });
});
