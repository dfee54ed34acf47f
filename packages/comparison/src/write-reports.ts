import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkWritable, recover, replaceFolder } from '@gru4rec/durable-files';
import {
  type ComparisonReport,
  comparisonCsv,
  comparisonJson,
  comparisonLatex,
  comparisonMarkdown,
} from '@gru4rec/report';

const names = ['report.html', 'report.md', 'report.json', 'report.csv', 'report.tex'] as const;

/** With those of file managers. */
const replaceable: readonly string[] = [...names, '.DS_Store', 'Thumbs.db', 'desktop.ini'];

/** @throws Error naming other content of the folder than an earlier report, or if it is not writable. */
export async function checkReportFolder(folder: string): Promise<void> {
  await recover(folder);
  await checkContent(folder);
  await checkWritable(dirname(folder)).catch((cause) => {
    throw new Error(`The report cannot be written in ${folder}`, { cause });
  });
}

/**
 * Writes a report as HTML page, Markdown, JSON, CSV and LaTeX. Replaces the folder of an earlier report atomically.
 *
 * @param columns - of `report.tex`; all if not given.
 * @throws Error if it cannot be written, or like `checkReportFolder`.
 */
export async function writeReports(
  folder: string,
  report: ComparisonReport,
  columns?: readonly string[],
): Promise<void> {
  // Loaded on use, because the library of its charts takes a second to load.
  const { comparisonHtml } = await import('@gru4rec/report/pages');
  const latex = () => comparisonLatex(report, columns);
  const makers = [comparisonHtml, comparisonMarkdown, comparisonJson, comparisonCsv, latex];
  await replaceFolder(folder, { check: () => checkContent(folder) }, async (whole) => {
    for (const [at, make] of makers.entries()) {
      const name = names[at] ?? '';
      await writeFile(join(whole, name), make(report)).catch((cause) => {
        throw new Error(`${join(folder, name)} cannot be written`, { cause });
      });
    }
  });
}

async function checkContent(folder: string): Promise<void> {
  const found = await readdir(folder).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw new Error(`The report cannot be written in ${folder}`, { cause });
  });
  const other = found.find((name) => !replaceable.includes(name));
  if (other === undefined) return;
  throw new Error(`The output ${folder} holds ${other}, which is not a file of a report. Name a new folder`);
}
