import { type Chart, HIGHLIGHTED, type Look, lookOf, renderChart } from '../charts/chart.ts';
import type { ComparisonReport, ModelReport } from '../report.ts';
import { rowsOf, type Table, type TextColumn, textColumns } from '../table.ts';
import { oneLine } from '../text.ts';
import { html, Markup, NOTHING, nameMarkup } from './markup.ts';
import { STYLE } from './style.ts';

/** Forbids scripts and network access, whatever a name contains. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The frame that all pages share: style, policy, title. @returns the whole document. */
export function page(parts: {
  readonly title: string;
  readonly header: Markup;
  readonly main: Markup;
}): string {
  const title = oneLine(parts.title);
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
${parts.header}
</header>
<main>
${parts.main}
</main>
</body>
</html>
`.text;
}

export type Section = (ranked: readonly ModelReport[], report: ComparisonReport) => Markup;

export function section(id: string, title: string, content: Markup): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}

/** With a caption if the title does not name the model. */
export function chartFigure(chart: Chart & { readonly caption?: string }): Markup {
  return html`<figure><figcaption>${nameMarkup(chart.caption ?? chart.title)}</figcaption>${renderChart(chart)}</figure>`;
}

/** Charts side by side. */
export function chartGrid(charts: readonly (Chart & { readonly caption?: string })[]): Markup {
  return html`<div class="charts">
${charts.map(chartFigure)}
</div>`;
}

export function tableMarkup(table: Table): Markup {
  const columns = textColumns(table);
  const rows = rowsOf(columns, (text, { align }, row) => ({ text, align, row }));
  const headCell = ({ head, align }: TextColumn) =>
    align === 'left'
      ? html`<th class="text" scope="col">${oneLine(head)}</th>`
      : html`<th scope="col">${oneLine(head)}</th>`;
  const cell = ({ text, align }: { text: string; align: TextColumn['align'] }, at: number) => {
    if (at === 0) return html`<th scope="row">${nameMarkup(text)}</th>`;
    return align === 'left' ? html`<td class="text">${nameMarkup(text)}</td>` : html`<td>${text}</td>`;
  };
  return html`<div class="scroll"><table>
<thead><tr>${columns.map(headCell)}</tr></thead>
<tbody>
${rows.map((cells) => html`<tr>${cells.map(cell)}</tr>`)}
</tbody></table></div>`;
}

export interface CardColumn {
  readonly head: string;
  readonly look?: string;
  readonly cells: readonly Markup[];
}

/** A table whose rows a phone shows as cards. The explicit roles keep its meaning where the style sheet does so. */
export function cardTable(look: string, columns: readonly CardColumn[], caption: Markup = NOTHING): Markup {
  const [names, ...others] = columns;
  const classOf = ({ look: name }: CardColumn) => (name === undefined ? NOTHING : html` class="${name}"`);
  const rows = names?.cells.map((name, row) => {
    const cells = others.map(
      (column) =>
        html`<td${classOf(column)} role="cell" data-label="${column.head}">${column.cells[row] ?? ''}</td>`,
    );
    return html`<tr role="row"><th scope="row" role="rowheader">${name}</th>${cells}</tr>`;
  });
  return html`<table class="${look} cards" role="table">
${caption}<thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th${classOf(column)} scope="col" role="columnheader">${nameMarkup(column.head)}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows ?? []}
</tbody>
</table>`;
}

export function warningsBox(warnings: readonly string[]): Markup {
  if (warnings.length === 0) return NOTHING;
  const title = warnings.length === 1 ? 'A warning' : `${warnings.length} warnings`;
  return html`<aside class="warnings" aria-labelledby="warnings">
<h2 id="warnings"><svg viewBox="0 0 24 24" aria-hidden="true"><path fill-rule="evenodd" d="M12 2 23 21H1zm-1 7v6h2V9zm0 8v2h2v-2z"/></svg>${title}</h2>
<ul>
${warnings.map((warning) => html`<li>${oneLine(warning)}</li>`)}
</ul>
</aside>`;
}

/** The legend of the best models, with full names, which charts have no room for. */
export function legendKeys(ranked: readonly ModelReport[]): Markup {
  const keys = ranked
    .slice(0, HIGHLIGHTED)
    .map(({ name }, rank) => html`<li>${sample(lookOf(rank))}${nameMarkup(name)}</li>`);
  const others = ranked.length - HIGHLIGHTED;
  if (others > 0) {
    keys.push(html`<li>${sample(lookOf(HIGHLIGHTED))}${others === 1 ? '1 other' : `${others} others`}</li>`);
  }
  return html`<ul class="legend">
${keys}
</ul>`;
}

const SHAPES: Readonly<Record<Look['symbol'], string>> = {
  circle: '<circle cx="16" cy="6" r="3.5"/>',
  rect: '<path d="M13 3h6v6h-6z"/>',
  triangle: '<path d="M16 2.5l4 7h-8z"/>',
  diamond: '<path d="M16 1.5l4 4.5-4 4.5-4-4.5z"/>',
  roundRect: '<rect x="12.5" y="2.5" width="7" height="7" rx="2"/>',
};
const DASHES: Readonly<Record<string, string>> = { solid: 'none', dashed: '8 4', dotted: '2 2' };

function sample({ color, symbol, dash, highlighted }: Look): Markup {
  const dashes = typeof dash === 'string' ? (DASHES[dash] ?? 'none') : dash.join(' ');
  const shape = new Markup(highlighted ? (SHAPES[symbol] ?? '') : '');
  return html`<svg viewBox="0 0 32 12" aria-hidden="true" style="color:${color}"><path class="stroke" d="M0 6H32" stroke-dasharray="${dashes}"/>${shape}</svg>`;
}
