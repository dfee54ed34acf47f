import { checkReport } from './check-report.ts';
import { headlineOf } from './headline.ts';
import { html, Markup } from './html/markup.ts';
import { sections } from './html/sections/registry.ts';
import { STYLE } from './html/style.ts';
import { warningsBox } from './html/warnings-box.ts';
import { rankModels } from './ranking.ts';
import type { ComparisonReport } from './report.ts';
import { oneLine } from './text.ts';

/** Forbids scripts and network access, whatever a name contains. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * Writes a comparison as one HTML page: headline, warnings, the table with bars and intervals, charts as inline SVG, and
 * the origin of the figures.
 *
 * The page needs no other file, no script and no network; it has a light and a dark scheme, fits a phone and prints.
 *
 * @returns the whole document; equal reports give equal texts. Every string of the report is escaped.
 * @throws RangeError under the conditions of `checkReport`.
 */
export function comparisonHtml(report: ComparisonReport): string {
  checkReport(report, 'comparisonHtml');
  const ranked = rankModels(report.models);
  const title = oneLine(report.title);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="headline">${keepTogether(headlineOf(report))}</p>
${warningsBox(report.warnings)}
</header>
<main>
${sections.map((section) => section(ranked, report))}
</main>
</body>
</html>
`.text;
}

/** Keeps a sign and its number on one line. */
function keepTogether(text: string): string {
  return text.replace(/ (?=%|[<≤] )|(?<=\(p|[<≤]) /g, '\u00a0');
}
