import { headlineOf } from './headline.ts';
import { html } from './html/markup.ts';
import { page, warningsBox } from './html/page.ts';
import { sections } from './html/sections.ts';
import { type ComparisonReport, rankModels } from './report.ts';

/**
 * Writes a comparison as one HTML page: headline, warnings, the table with bars and intervals, charts as inline SVG, and
 * the origin of the figures.
 *
 * The page needs no other file, no script and no network; it has a light and a dark scheme, fits a phone and prints.
 *
 * @returns the whole document; equal reports give equal texts. Every string of the report is escaped.
 */
export function comparisonHtml(report: ComparisonReport): string {
  const ranked = rankModels(report.models);
  return page({
    title: report.title,
    header: html`<p class="headline">${keepTogether(headlineOf(report))}</p>
${warningsBox(report.warnings)}`,
    main: html`${sections.map((section) => section(ranked, report))}`,
  });
}

/** Keeps a sign and its number on one line. */
function keepTogether(text: string): string {
  return text.replace(/ (?=%|[<≤] )|(?<=\(p|[<≤]) /g, '\u00a0');
}
