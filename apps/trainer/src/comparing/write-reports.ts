import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ComparisonReport, comparisonHtml, comparisonJson, comparisonMarkdown } from '@gru4rec/report';
import writeFileAtomic from 'write-file-atomic';

/** Writes a report as a page, as Markdown and as JSON; each file is whole or as it was. */
export async function writeReports(folder: string, report: ComparisonReport): Promise<void> {
  await mkdir(folder, { recursive: true });
  const texts = {
    'report.html': comparisonHtml(report),
    'report.md': comparisonMarkdown(report),
    'report.json': comparisonJson(report),
  };
  for (const [name, text] of Object.entries(texts)) await writeFileAtomic(join(folder, name), text);
}
