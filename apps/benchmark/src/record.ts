import { readFileSync, writeFileSync } from 'node:fs';
import { formatReport, type Report } from './report.ts';

/** The committed page of all figures. */
export const resultsPage: URL = new URL('../RESULTS.md', import.meta.url);

/**
 * Adds a run to the section of its day and machine in a page. A new section is the first below "Speed".
 * @returns a line that names the section.
 */
export function recordRun(report: Report, page: URL | string): string {
  const { date, cpu, cores } = report.environment;
  const machine = `${cpu} ${cores} cores`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const name = `${date}-${machine.replace(/^-|-$/g, '')}`;
  const run = [`\`${report.command}\``, formatReport(report)];
  const text = readFileSync(page, 'utf8');
  const next = (from: number) => (text.indexOf('\n### ', from) + 1 || text.length + 1) - 1;
  const section = text.indexOf(`\n### ${name}\n`);
  const at = next(section < 0 ? text.indexOf('\n## Speed\n') : section + 1);
  const added = [...(section < 0 ? [`### ${name}`] : []), ...run].join('\n\n');
  writeFileSync(page, `${text.slice(0, at).trimEnd()}\n\n${added}\n${text.slice(at)}`);
  return `recorded in ${name} of RESULTS.md`;
}
