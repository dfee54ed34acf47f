import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { presets } from '@gru4rec/model';
import type { PresetRow } from '../study/measure-presets.ts';
import { resultsFolder } from './record.ts';

/** The committed figures of the presets. */
export interface RecordedPresets {
  /** The presets that the figures are of. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly rows: readonly PresetRow[];
}

/** @returns undefined if no figures of presets have been recorded in the folder. */
export function readRecordedPresets(root: string): RecordedPresets | undefined {
  const file = join(root, 'study', 'presets.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RecordedPresets) : undefined;
}

/**
 * Adds rows to the committed figures. Figures of the same data and preset stay for seeds that were not measured again; those of a
 * preset whose values have changed since, or of other data, go.
 * @param options.order - names of data sets, in the order of the table.
 * @param options.root - folder with the folder `study` of the committed figures.
 * @returns a line that says where they are.
 */
export function recordPresets(
  rows: readonly PresetRow[],
  { order, root = resultsFolder }: { readonly order: readonly string[]; readonly root?: string },
): string {
  const recorded = readRecordedPresets(root);
  const values: RecordedPresets['values'] = presets;
  const isSame = (preset: string) =>
    JSON.stringify(recorded?.values[preset]) === JSON.stringify(values[preset]);
  const before = (recorded?.rows ?? []).map((row) => ({
    ...row,
    presets: Object.fromEntries(Object.entries(row.presets).filter(([name]) => isSame(name))),
  }));
  const kept = before.filter(({ data }) => !rows.some((row) => row.data === data));
  const added = rows.map((row) => {
    const same = before.find(({ data, checksum }) => data === row.data && checksum === row.checksum);
    return same ? merged(same, row) : row;
  });
  const all = [...kept, ...added].sort((a, b) => order.indexOf(a.data) - order.indexOf(b.data));
  const record: RecordedPresets = { values, rows: all };
  mkdirSync(join(root, 'study'), { recursive: true });
  writeFileSync(join(root, 'study', 'presets.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  return 'recorded in results/study/presets.json';
}

function merged(before: PresetRow, row: PresetRow): PresetRow {
  const names = Object.keys({ ...before.presets, ...row.presets });
  const runs = names.map((name) => {
    const added = row.presets[name] ?? [];
    const kept = (before.presets[name] ?? []).filter(({ seed }) => !added.some((run) => run.seed === seed));
    return [name, [...kept, ...added].sort((a, b) => a.seed - b.seed)] as const;
  });
  return { ...row, presets: Object.fromEntries(runs) };
}
