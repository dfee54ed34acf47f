import { type ComparisonReport, comparisonHtml, comparisonJson, comparisonMarkdown } from '@gru4rec/report';
import { makeFolder } from '../make-folder.ts';
import { writeFiles } from '../write-files.ts';

/**
 * Makes the folder of a report, before the work that it is about.
 *
 * @throws Error if nothing can be written there.
 */
export async function makeReportFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (cause) {
    throw new Error(`The report cannot be written in ${folder}`, { cause });
  }
}

/**
 * Writes a report as a page, as Markdown and as JSON, whole or not at all.
 *
 * @throws Error naming the file that cannot be written.
 */
export async function writeReports(folder: string, report: ComparisonReport): Promise<void> {
  await writeFiles(folder, {
    'report.html': comparisonHtml(report),
    'report.md': comparisonMarkdown(report),
    'report.json': comparisonJson(report),
  });
}
