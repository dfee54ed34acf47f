import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { presets } from '@gru4rec/model';
import type { StudyRow } from '@gru4rec/report';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resultsMarkdown } from '../../src/results/markdown.ts';
import { readRecordedPresets, recordPresets } from '../../src/results/preset-record.ts';
import { presetMarkdown } from '../../src/results/preset-table.ts';
import { resultsFolder } from '../../src/results/record.ts';
import type { PresetRow } from '../../src/study/measure-presets.ts';
import { emptySection } from './rows.ts';

const row: PresetRow = {
  data: 'shop',
  checksum: 'abc',
  presets: {
    best: [
      { seed: 1, recall: 0.5, mrr: 0.25 },
      { seed: 2, recall: 0.6, mrr: 0.15 },
    ],
    fast: [{ seed: 1, recall: 0.4, mrr: 0.2 }],
  },
  neighbours: [
    { name: 'STAN', recall: 0.45, mrr: 0.125 },
    { name: 'VSTAN', recall: 0.425, mrr: 0.25 },
  ],
};

/** A tuned GRU4Rec of the study, by its recall on validation and test. */
function tuned(name: string, onValidation: number, recall: number): StudyRow {
  const figures = { recall: onValidation, mrr: 0.2 };
  const measure = (mean: number) => ({ mean, interval: [mean, mean] }) as unknown as StudyRow['recall'];
  return {
    ...{ name, family: 'gru4rec', runs: 3, recall: measure(recall), mrr: measure(0.3) },
    ...{ fitSeconds: 1, answerMilliseconds: 1 },
    tuning: { untuned: figures, tuned: figures, screened: 1, ended: 0, full: 1, seconds: 1 },
  };
}

const section = { ...emptySection, rows: [tuned('a', 0.5, 0.625), tuned('b', 0.25, 0.75)] };

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-presets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('presetMarkdown', () => {
  it('has means with their seeds, the model that validation chose on the same data, and the best neighbour', () => {
    const other: PresetRow = {
      ...row,
      data: 'globo',
      presets: { best: row.presets.best ?? [] },
      neighbours: [],
    };
    const olderShop: PresetRow = { ...row, checksum: 'def' };
    expect(presetMarkdown([row, other, olderShop], [section]).split('\n')).toEqual([
      '| data | `best` | `fast` | GRU4Rec that the study tuned | best untuned neighbour |',
      '| --- | --- | --- | --- | --- |',
      '| shop | 0.5500 / 0.2000 (2) | 0.4000 / 0.2000 (1) | 0.6250 / 0.3000 (3) | 0.4500 / 0.1250 STAN |',
      '| globo | 0.5500 / 0.2000 (2) | not measured | not measured | not measured |',
      '| shop | 0.5500 / 0.2000 (2) | 0.4000 / 0.2000 (1) | not measured | 0.4500 / 0.1250 STAN |',
    ]);
  });

  it('is in RESULTS.md before the study', () => {
    const page = resultsMarkdown([], { report: { sections: [section] } }, { values: presets, rows: [row] });
    expect(page).toContain('## Accuracy\n\n### Without a configuration\n');
    expect(page).toContain(`${presetMarkdown([row], [section])}\n\n### The study\n`);
  });
});

describe('recordPresets', () => {
  const order = ['globo', 'shop'];

  it('keeps seeds of the same data that were not measured again', () => {
    const root = makeFolder();
    recordPresets([row], { order, root });
    recordPresets([{ ...row, data: 'globo' }], { order, root });
    const again = { seed: 1, recall: 0.1, mrr: 0.1 };
    const text = recordPresets([{ ...row, presets: { best: [again] } }], { order, root });
    expect(text).toBe('recorded in results/study/presets.json');
    const [globo, shop] = readRecordedPresets(root)?.rows ?? [];
    expect(globo).toEqual({ ...row, data: 'globo' });
    expect(shop?.presets).toEqual({ best: [again, row.presets.best?.[1]], fast: row.presets.fast });
  });

  it('drops figures of other data, and of a preset that has changed since', () => {
    const root = makeFolder();
    recordPresets([row], { order, root });
    recordPresets([{ ...row, checksum: 'def', presets: { fast: [] } }], { order, root });
    expect(readRecordedPresets(root)?.rows.map((found) => found.presets)).toEqual([{ fast: [] }]);
    mkdirSync(join(root, 'study'), { recursive: true });
    const changed = { values: { ...presets, best: { layers: [1] } }, rows: [row] };
    writeFileSync(join(root, 'study', 'presets.json'), JSON.stringify(changed));
    recordPresets([{ ...row, data: 'globo' }], { order, root });
    expect(readRecordedPresets(root)?.rows.map((found) => Object.keys(found.presets))).toEqual([
      ['best', 'fast'],
      ['fast'],
    ]);
  });
});

describe('the recorded figures', () => {
  it('are of the presets as they are', () => {
    const recorded = JSON.parse(readFileSync(join(resultsFolder, 'study', 'presets.json'), 'utf8'));
    expect(recorded.values).toEqual(presets);
  });
});
