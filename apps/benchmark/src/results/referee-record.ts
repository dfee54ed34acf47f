import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StudyReport, StudySection } from '@gru4rec/report';
import { peerMethods } from '../study/peer-methods.ts';
import type { RefereedMethod, RefereeSection } from '../study/referee.ts';
import { resultsFolder } from './record.ts';

/** The committed figures of other programs, and the remarks in `referee.md` beside them, if there are any. */
export interface RecordedReferee {
  readonly sections: readonly RefereeSection[];
  readonly remarks?: string;
}

/** @returns undefined if no figures of other programs have been recorded in the folder. */
export function readRecordedReferee(root: string): RecordedReferee | undefined {
  const [file, remarks] = ['referee.json', 'referee.md'].map((name) => join(root, 'study', name));
  if (!file || !remarks || !existsSync(file)) return undefined;
  return {
    ...(JSON.parse(readFileSync(file, 'utf8')) as Pick<RecordedReferee, 'sections'>),
    ...(existsSync(remarks) ? { remarks: readFileSync(remarks, 'utf8').trim() } : {}),
  };
}

/**
 * Adds methods to the committed figures. One of the same name on the same data is replaced; those on other data go.
 *
 * @param options.order - names of data sets, in the order of the table.
 * @param options.root - folder with the folder `study` of the committed figures.
 * @returns a line that says where they are.
 */
export function recordReferee(
  sections: readonly RefereeSection[],
  { order, root = resultsFolder }: { readonly order: readonly string[]; readonly root?: string },
): string {
  const recorded = readRecordedReferee(root)?.sections ?? [];
  const kept = recorded.filter(({ data }) => !sections.some((section) => section.data === data));
  const added = sections.map((section): RefereeSection => {
    const { data, checksum, methods } = section;
    const before = recorded.find((one) => one.data === data && one.checksum === checksum)?.methods ?? [];
    const others = before.filter(({ row }) => !methods.some((method) => method.row.name === row.name));
    return { ...section, methods: [...others, ...methods].sort((a, b) => placeOf(a) - placeOf(b)) };
  });
  const all = [...kept, ...added].sort((a, b) => order.indexOf(a.data) - order.indexOf(b.data));
  mkdirSync(join(root, 'study'), { recursive: true });
  writeFileSync(join(root, 'study', 'referee.json'), `${JSON.stringify({ sections: all }, undefined, 2)}\n`);
  return 'recorded in results/study/referee.json';
}

/** The place of a method in the table. */
function placeOf({ row }: RefereedMethod): number {
  return peerMethods.findIndex(({ title }) => title === row.name);
}

/** The study with the rows of other programs on the same data, before the mix. */
export function withReferee({ sections }: StudyReport, referee: readonly RefereeSection[]): StudyReport {
  return {
    sections: sections.map((section): StudySection => {
      const { name, checksum, rows } = section;
      const found = referee.find((one) => one.data === name && one.checksum === checksum);
      const mixes = rows.filter(({ family }) => family === 'mix');
      const others = rows.filter(({ family }) => family !== 'mix');
      return { ...section, rows: [...others, ...(found?.methods ?? []).map(({ row }) => row), ...mixes] };
    }),
  };
}
