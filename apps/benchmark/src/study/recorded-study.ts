import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StudyReport } from '@gru4rec/report';

const file = fileURLToPath(new URL('../../results/study/report.json', import.meta.url));

/** The committed study: what each method was tuned to. */
export function readRecordedStudy(): StudyReport {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { sections: [] };
}
