import { describe, expect, it } from 'vitest';
import {
  csvTable,
  fittingTable,
  latexTable,
  markdownTable,
  plainLines,
  type Table,
  terminalTable,
} from '../src/table.ts';

const two = (value: number) => value.toFixed(2);
const table: Table = {
  columns: [
    { head: 'model' },
    { head: 'MRR', format: two, best: true },
    { head: 'note', align: 'left', rank: 4 },
    { head: 'nothing' },
  ],
  rows: [
    ['A_b', { mean: 0.25, interval: [0.2, 0.3], p: 0.2 }, 'x, "y"', undefined],
    ['B', { mean: 0.5, sd: 0.01 }, undefined, undefined],
  ],
};

describe('writers of a table', () => {
  it('give each part of a measure a column, leave empty columns out and mark the greatest value', () => {
    expect(terminalTable(table).split('\n').slice(1, -1)).toEqual([
      '│ model │   MRR │    ± │      95 % │     p │ note   │',
      expect.stringMatching(/^├─+/),
      '│ A_b   │ 0.25  │      │ 0.20–0.30 │ 0.200 │ x, "y" │',
      '│ B     │ 0.50* │ 0.01 │           │       │        │',
    ]);
  });

  it('write Markdown, LaTeX and CSV, escaped', () => {
    expect(markdownTable(table).split('\n')).toEqual([
      '| model | MRR | ± | 95 % | p | note |',
      '| --- | --: | --: | --: | --: | --- |',
      '| A\\_b | 0.25 |  | 0.20–0.30 | 0.200 | x, "y" |',
      '| B | **0.50** | 0.01 |  |  |  |',
    ]);
    expect(latexTable(table).split('\n')).toEqual([
      '\\begin{tabular}{lrrrrl}',
      '\\toprule',
      'model & MRR & $\\pm$ & 95 \\% & p & note \\\\',
      '\\midrule',
      'A\\_b & 0.25 &  & 0.20--0.30 & 0.200 & x, "y" \\\\',
      'B & \\textbf{0.50} & 0.01 &  &  &  \\\\',
      '\\bottomrule',
      '\\end{tabular}',
      '',
    ]);
    expect(csvTable(table)).toBe('model,MRR,note,nothing\nA_b,0.25,"x, ""y""",\nB,0.5,,\n');
  });

  it('write lines without a frame', () => {
    const counts = {
      columns: [{ head: 'split' }, { head: 'events' }],
      rows: [
        ['all', 12],
        ['validation', 3],
      ],
    };
    expect(plainLines(counts)).toBe('split       events\nall             12\nvalidation       3');
    expect(plainLines({ ...counts, rows: [] })).toBe('split  events');
  });

  it('leave out columns in a narrow terminal, the highest rank first', () => {
    const heads = (width: number) =>
      fittingTable(table, width)
        .text.split('\n')[1]
        ?.match(/[^\s│]+( %)?/g);
    expect(fittingTable(table, 60).whole).toBe(true);
    expect(heads(60)).toEqual(['model', 'MRR', '±', '95 %', 'p', 'note']);
    expect(heads(50)).toEqual(['model', 'MRR', '±', '95 %', 'p']);
    expect(heads(35)).toEqual(['model', 'MRR', '±', 'p']);
    expect(heads(27)).toEqual(['model', 'MRR', 'p']);
    expect(heads(10)).toEqual(['model', 'MRR']);
    expect(fittingTable(table, 50).whole).toBe(false);
  });
});
