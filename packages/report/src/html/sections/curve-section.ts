import { curveCharts } from '../../charts/curve-charts.ts';
import { chartGrid } from '../chart-grid.ts';
import { html, NOTHING, nameMarkup } from '../markup.ts';
import type { Section } from './section.ts';

/** Loss and validation over the epochs: a row of panels per model, or one row for all if each has only its loss. */
export const curveSection: Section = (ranked) => {
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
};
