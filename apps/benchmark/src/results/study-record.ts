import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StudyReport, StudyRun, StudySection } from '@gru4rec/report';
import { resultsFolder } from './record.ts';

const configsFolder = fileURLToPath(new URL('../../../../configs/study/', import.meta.url));

/** The committed study, and the remarks in `remarks.md` beside it, if there are any. */
export interface RecordedStudy {
  readonly report: StudyReport;
  readonly remarks?: string;
}

/**
 * Adds sections and their tuned configurations to the committed study. Those of the same data become earlier runs of theirs,
 * because their test figures were known.
 * @param configs - folder of the tuned configurations.
 * @param options.root - folder with the folder `study` of the committed report.
 * @param options.order - names of data sets, in the order of the table.
 * @returns a line that says where they are.
 */
export function recordStudy(
  { sections }: StudyReport,
  configs: string,
  {
    order,
    root = resultsFolder,
    target = configsFolder,
  }: { readonly order: readonly string[]; readonly root?: string; readonly target?: string },
): string {
  const recorded = readRecordedStudy(root)?.report.sections ?? [];
  const kept = recorded.filter(({ name }) => !sections.some((section) => section.name === name));
  const added = sections.map((section) => {
    const before = recorded.find(
      ({ name, checksum }) => name === section.name && checksum === section.checksum,
    );
    return before ? { ...section, earlier: earlierRuns(before, section) } : section;
  });
  const all = [...kept, ...added].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  mkdirSync(join(root, 'study'), { recursive: true });
  const report: StudyReport = { sections: all };
  writeFileSync(join(root, 'study', 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  cpSync(configs, target, { recursive: true });
  return 'recorded in results/study and configs/study';
}

/** The runs before a section, without one that it repeats. */
function earlierRuns(before: StudySection, section: StudySection): readonly StudyRun[] {
  const { earlier = [], rows, tuningSeconds, origin, leads } = before;
  const run: StudyRun = { rows, tuningSeconds, origin, ...(leads && { leads }) };
  const [own, last] = [section, run].map((one) => JSON.stringify([one.tuningSeconds, one.origin]));
  return own === last ? earlier : [...earlier, run];
}

/** @returns undefined if no study has been recorded in the folder. */
export function readRecordedStudy(root: string): RecordedStudy | undefined {
  const file = join(root, 'study', 'report.json');
  if (!existsSync(file)) return undefined;
  const remarks = join(root, 'study', 'remarks.md');
  return {
    report: JSON.parse(readFileSync(file, 'utf8')) as StudyReport,
    ...(existsSync(remarks) ? { remarks: readFileSync(remarks, 'utf8').trim() } : {}),
  };
}
