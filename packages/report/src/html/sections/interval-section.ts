import { metricNames } from '@gru4rec/metrics';
import { intervalChart } from '../../charts/interval-chart.ts';
import { HIGHLIGHTED } from '../../charts/palette.ts';
import { namesOfMetrics } from '../../ranking.ts';
import { chartGrid } from '../chart-grid.ts';
import { html, NOTHING } from '../markup.ts';
import type { Section } from './section.ts';

const BY_SESSION =
  'Whiskers are 95 % intervals by session. Two that overlap may still differ: the p-values compare session by session.';
const OVER_WINDOWS = "Whiskers are 95 % intervals of the mean over windows (Student's t).";

/** Means with their intervals, with a panel per metric, and if there are more than five models, once more for the best five. */
export const intervalSection: Section = (ranked, { windows }) => {
  const names = namesOfMetrics(ranked);
  const best = ranked.slice(0, HIGHLIGHTED);
  const closer =
    ranked.length > best.length
      ? html`<h3>The best ${best.length}, closer</h3>
${chartGrid(names.map((name, place) => intervalChart(best, name, `closer-${metricNames[place] ?? place}`)))}
<h3>All models</h3>`
      : NOTHING;
  return html`<section aria-labelledby="intervals">
<h2 id="intervals">How sure the figures are</h2>
<p class="note">${windows ? OVER_WINDOWS : BY_SESSION}</p>
${closer}
${chartGrid(names.map((name, place) => intervalChart(ranked, name, `interval-${metricNames[place] ?? place}`)))}
</section>`;
};
