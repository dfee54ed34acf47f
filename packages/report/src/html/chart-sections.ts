import { metricNames } from '@gru4rec/metrics';
import { BREAKDOWNS, type Breakdown, groupOf, groupsOf } from '../breakdowns.ts';
import { COSTS, costChart } from '../charts/cost-chart.ts';
import { curveCharts } from '../charts/curve-charts.ts';
import { groupChart } from '../charts/group-chart.ts';
import { intervalChart } from '../charts/interval-chart.ts';
import { greyNote, HIGHLIGHTED } from '../charts/palette.ts';
import { type Chart, renderChart } from '../charts/render-chart.ts';
import { fraction, whole } from '../figures.ts';
import type { ModelReport } from '../report.ts';
import { oneLine } from '../text.ts';
import { legendKeys } from './legend-keys.ts';
import { html, Markup, nameMarkup } from './markup.ts';

const NOTHING = new Markup('');

/** Means with their intervals, a panel per measure; the best five once more where there are others. */
export function intervalSection(ranked: readonly ModelReport[]): Markup {
  const best = ranked.slice(0, HIGHLIGHTED);
  const closer =
    ranked.length > best.length
      ? html`<h3>The best ${best.length}, closer</h3>
${chartGrid(metricNames.map((name) => intervalChart(best, name, `closer-${name}`)))}
<h3>All models</h3>`
      : NOTHING;
  return html`<section aria-labelledby="intervals">
<h2 id="intervals">How sure the figures are</h2>
<p class="note">Whiskers are 95 % intervals by session. Two that overlap may still differ: the p-values compare session by session.</p>
${closer}
${chartGrid(metricNames.map((name) => intervalChart(ranked, name, `interval-${name}`)))}
</section>`;
}

/** Recall by group, a panel per breakdown, and all figures below, folded. */
export function breakdownSection(ranked: readonly ModelReport[], cutoff: number): Markup {
  const shown = BREAKDOWNS.filter((breakdown) => groupsOf(ranked, breakdown).length > 0);
  if (shown.length === 0) return NOTHING;
  return html`<section aria-labelledby="groups">
<h2 id="groups">Where they are good</h2>
<p class="note">Recall over parts of the predictions. ${greyNote(ranked)}</p>
${legendKeys(ranked)}
${chartGrid(shown.map((breakdown) => groupChart(ranked, breakdown, cutoff)))}
${shown.map((breakdown) => breakdownFigures(ranked, breakdown, cutoff))}
</section>`;
}

/** Loss and validation over the epochs: a row of panels per model, or all in one row where each has only its loss. */
export function curveSection(ranked: readonly ModelReport[]): Markup {
  const learned = ranked
    .map((model, rank) => ({ name: model.name, charts: curveCharts(model, rank) }))
    .filter(({ charts }) => charts.length > 0);
  if (learned.length === 0) return NOTHING;
  const together = learned.every(({ charts }) => charts.length === 1);
  const rows = together
    ? chartGrid(learned.flatMap(({ name, charts }) => charts.map((chart) => ({ ...chart, caption: name }))))
    : learned.map(
        ({ name, charts }) => html`<h3>${nameMarkup(name)}</h3>
${chartGrid(charts)}`,
      );
  return html`<section aria-labelledby="curves">
<h2 id="curves">How they learn</h2>
<p class="note">${together ? 'Loss over the epochs. ' : ''}Lines of one colour are seeds of one model.</p>
${rows}
</section>`;
}

/** Time and memory, a panel each. */
export function costSection(ranked: readonly ModelReport[]): Markup {
  return html`<section aria-labelledby="costs">
<h2 id="costs">What they cost</h2>
${chartGrid(COSTS.map((cost) => costChart(ranked, cost)))}
</section>`;
}

/** @param charts - with a caption where the title does not say whose they are. */
function chartGrid(charts: readonly (Chart & { readonly caption?: string })[]): Markup {
  return html`<div class="charts">
${charts.map(
  (chart) =>
    html`<figure><figcaption>${nameMarkup(chart.caption ?? chart.title)}</figcaption>${renderChart(chart)}</figure>`,
)}
</div>`;
}

function breakdownFigures(ranked: readonly ModelReport[], breakdown: Breakdown, cutoff: number): Markup {
  const groups = groupsOf(ranked, breakdown);
  const title = `${breakdown.name}: recall@${cutoff} / MRR@${cutoff}`;
  const row = (model: ModelReport): Markup[] =>
    groups.map(({ label }) => {
      const group = groupOf(model, breakdown, label);
      return html`<td>${group ? `${fraction(group.recall)} / ${fraction(group.mrr)}` : '–'}</td>`;
    });
  return html`<details>
<summary>${title}</summary>
<div class="scroll" role="region" tabindex="0" aria-label="${title}"><table>
<thead><tr><th scope="col">model</th>${groups.map(({ label }) => html`<th scope="col">${oneLine(label)}</th>`)}</tr></thead>
<tbody>
${ranked.map((model) => html`<tr><th scope="row">${nameMarkup(model.name)}</th>${row(model)}</tr>`)}
<tr><th scope="row">predictions</th>${groups.map(({ predictions }) => html`<td>${whole(predictions)}</td>`)}</tr>
</tbody>
</table></div>
</details>`;
}
