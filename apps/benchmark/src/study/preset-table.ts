import { presets } from '@gru4rec/model';
import { chosenOf, type StudyFigures, type StudySection } from '@gru4rec/report';
import { markdownTable } from '../markdown-table.ts';
import type { PresetRow } from './measure-presets.ts';

/** The rows as a table in Markdown: recall@20 / MRR@20 on the test split, and in brackets how many seeds a mean is over. */
export function presetMarkdown(rows: readonly PresetRow[], sections: readonly StudySection[]): string {
  const names = Object.keys(presets);
  const head = [
    'data',
    ...names.map((name) => `\`${name}\``),
    'GRU4Rec that the study tuned',
    'best untuned neighbour',
  ];
  const lines = rows.map((row) => [
    row.data,
    ...names.map((name) => presetCell(row.presets[name] ?? [])),
    knownCell(sections.find(({ name, checksum }) => name === row.data && checksum === row.checksum)),
    neighbourCell(row.neighbours),
  ]);
  return markdownTable([head, ...lines]);
}

const NOT_MEASURED = 'not measured';

const shown = ({ recall, mrr }: StudyFigures): string => `${recall.toFixed(4)} / ${mrr.toFixed(4)}`;

function presetCell(runs: readonly StudyFigures[]): string {
  const mean = (of: keyof StudyFigures) => runs.reduce((sum, run) => sum + run[of], 0) / runs.length;
  return runs.length > 0
    ? `${shown({ recall: mean('recall'), mrr: mean('mrr') })} (${runs.length})`
    : NOT_MEASURED;
}

/** The tuned GRU4Rec with the best figures on the validation split. */
function knownCell(section: StudySection | undefined): string {
  const best = chosenOf(section?.rows ?? []);
  return best ? `${shown({ recall: best.recall.mean, mrr: best.mrr.mean })} (${best.runs})` : NOT_MEASURED;
}

/** The neighbour with the greatest recall on the test split. */
function neighbourCell(neighbours: PresetRow['neighbours']): string {
  const [best] = [...neighbours].sort((a, b) => b.recall - a.recall);
  return best ? `${shown(best)} ${best.name}` : NOT_MEASURED;
}
