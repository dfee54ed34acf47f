import { metricAt } from '@gru4rec/metrics';
import { lookOf } from '../../charts/palette.ts';
import { formatInterval, formatP, fraction, percent, ratio, threeDigits } from '../../figures.ts';
import { bestMean, metricLook, namesOfMetrics, resultAt, SIGNIFICANCE, shownPlaces } from '../../ranking.ts';
import type { Measure, ModelReport } from '../../report.ts';
import { legendOf } from '../../results-columns.ts';
import { html, Markup, NOTHING, nameMarkup } from '../markup.ts';
import type { Section } from './section.ts';

/** The table of the main cutoff, then the tables of the others, collapsed. */
export const resultsSection: Section = (models, report) => {
  const [main = 0, ...places] = shownPlaces(models);
  const cutoffAt = (place: number) => models[0]?.results[place]?.cutoff ?? '';
  const others = places.map(
    (place) => html`<details>
<summary>Lists of ${cutoffAt(place)} items</summary>
${resultsTable(models, place)}
</details>`,
  );
  const near = models.some((model) =>
    namesOfMetrics(models).some((name) => isNear(metricAt(resultAt(model, 0), name))),
  );
  const shaded = near ? ` A shaded p is ${SIGNIFICANCE} or more: the difference may be chance.` : '';
  return html`<section aria-labelledby="results">
<h2 id="results">Results</h2>
<p class="note">By MRR@${cutoffAt(main)}, the best first. ${legendOf(models, 'Bold', report)}${shaded}</p>
${resultsTable(models, main)}
${others}
</section>`;
};

/** The explicit roles keep the table semantics where a phone's style sheet shows rows as cards. */
function resultsTable(models: readonly ModelReport[], place: number): Markup {
  const cutoff = models[0]?.results[place]?.cutoff ?? '';
  return html`<table class="models cards" role="table">
<caption>Lists of ${cutoff} items</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">model</th>
${namesOfMetrics(models).map((name) => html`<th scope="col" role="columnheader">${metricLook(name).label}@${cutoff}</th>`)}
${['coverage', 'popularity bias'].map((head) => html`<th class="plain" scope="col" role="columnheader">${head}</th>`)}
</tr></thead>
<tbody role="rowgroup">
${models.map((_, rank) => modelRow(models, place, rank))}
</tbody>
</table>`;
}

function modelRow(models: readonly ModelReport[], place: number, rank: number): Markup {
  const model = models[rank] as ModelReport;
  const { cutoff, coverage, popularityBias } = resultAt(model, place);
  const { color, highlighted } = lookOf(rank);
  const swatch = html`<span class="swatch" style="background:${highlighted ? color : 'var(--other-dot)'}"></span>`;
  const runs = model.runs > 1 ? html`<small>${model.runs} runs</small>` : NOTHING;
  return html`<tr role="row"><th scope="row" role="rowheader">${swatch}${nameMarkup(model.name)}${runs}</th>
${namesOfMetrics(models).map((name) => measureCell(models, place, rank, name, `${metricLook(name).label}@${cutoff}`))}
<td class="plain" role="cell" data-label="coverage">${percent(coverage)}</td>
<td class="plain" role="cell" data-label="popularity bias">${ratio(popularityBias)}</td></tr>`;
}

function measureCell(
  models: readonly ModelReport[],
  place: number,
  rank: number,
  key: string,
  label: string,
): Markup {
  const measure = metricAt(resultAt(models[rank] as ModelReport, place), key);
  const { mean, sd, interval, p } = measure;
  const best = mean === bestMean(models, place, key);
  const value = best ? html`<strong>${fraction(mean)}</strong>` : html`${fraction(mean)}`;
  const spread = sd === undefined ? NOTHING : html` <span class="sd">± ${fraction(sd)}</span>`;
  const shade = new Markup(isNear(measure) ? 'p near' : 'p');
  const chance = p === undefined ? NOTHING : html`<span class="${shade}">p ${formatP(p)}</span>`;
  const bounds = interval ? html`<small>${formatInterval(interval)}</small>` : NOTHING;
  return html`<td role="cell" data-label="${label}"><div class="figure"><span>${value}${spread}</span>${chance}</div>
${bar(measure, longestBar(models, place, key))}${bounds}</td>`;
}

function isNear({ p }: Measure): boolean {
  return p !== undefined && p >= SIGNIFICANCE;
}

function longestBar(models: readonly ModelReport[], place: number, key: string): number {
  const ends = models.map((model) => {
    const { mean, interval } = metricAt(resultAt(model, place), key);
    return Math.max(mean, interval?.[1] ?? 0);
  });
  return Math.max(...ends) || 1;
}

/** A bar from 0 to the mean, with the interval as a whisker. */
function bar({ mean, interval }: Measure, longest: number): Markup {
  const at = (value: number): string => threeDigits((100 * value) / longest);
  const whisker = interval
    ? html`<path d="M${at(interval[0])} 1V9M${at(interval[0])} 5H${at(interval[1])}M${at(interval[1])} 1V9"/>`
    : NOTHING;
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${at(mean)}" height="10"/>${whisker}</svg>`;
}
