import { type Chart, renderChart } from '../charts/render-chart.ts';
import { html, type Markup, nameMarkup } from './markup.ts';

/**
 * Charts side by side.
 * @param charts - with a caption if the title does not name the model.
 */
export function chartGrid(charts: readonly (Chart & { readonly caption?: string })[]): Markup {
  return html`<div class="charts">
${charts.map(
  (chart) =>
    html`<figure><figcaption>${nameMarkup(chart.caption ?? chart.title)}</figcaption>${renderChart(chart)}</figure>`,
)}
</div>`;
}
