import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StudyReport } from '@gru4rec/report';
import { resultsFolder } from './record.ts';

const configsFolder = fileURLToPath(new URL('../../../../configs/study/', import.meta.url));

/** The committed study, and the remarks in `remarks.md` beside it, if there are any. */
export interface RecordedStudy {
  readonly report: StudyReport;
  readonly remarks?: string;
}

/**
 * Replaces the committed study and the tuned configurations.
 * @param configs - folder of the tuned configurations.
 * @param root - folder with the folder `study` of the committed report.
 * @returns a line that says where they are.
 */
export function recordStudy(
  report: StudyReport,
  configs: string,
  { root = resultsFolder, target = configsFolder }: { readonly root?: string; readonly target?: string } = {},
): string {
  mkdirSync(join(root, 'study'), { recursive: true });
  writeFileSync(join(root, 'study', 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  rmSync(target, { recursive: true, force: true });
  cpSync(configs, target, { recursive: true });
  return 'recorded in results/study and configs/study';
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
