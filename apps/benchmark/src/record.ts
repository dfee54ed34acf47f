import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environment.ts';
import { formatReport, type Report } from './report.ts';

/** The committed page of all figures. */
export const resultsPage: string = fileURLToPath(new URL('../RESULTS.md', import.meta.url));

/** `<date>-<machine>`, with processor and cores, without a host name. */
function sectionName({ date, cpu, cores }: Environment): string {
  const machine = `${cpu} ${cores} cores`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `${date}-${machine}`;
}

/**
 * Adds a run to the section of its day and machine in a page. A new section is the first below "Speed".
 * @returns a line that names the section.
 */
export function recordRun(report: Report, page: string): string {
  const name = sectionName(report.environment);
  const run = [`\`${report.command}\``, formatReport(report)];
  const text = readFileSync(page, 'utf8');
  const next = (from: number) => (text.indexOf('\n### ', from) + 1 || text.length + 1) - 1;
  const section = text.indexOf(`\n### ${name}\n`);
  const at = next(section < 0 ? text.indexOf('\n## Speed\n') : section + 1);
  const added = [...(section < 0 ? [`### ${name}`] : []), ...run].join('\n\n');
  writeFileSync(page, `${text.slice(0, at).trimEnd()}\n\n${added}\n${text.slice(at)}`);
  return `recorded in ${name} of RESULTS.md`;
}
