import { COSTS, costChart } from '../../charts/cost-chart.ts';
import { chartGrid } from '../chart-grid.ts';
import { html } from '../markup.ts';
import type { Section } from './section.ts';

/** Time and memory, with a panel per cost. */
export const costSection: Section = (ranked) => {
  return html`<section aria-labelledby="costs">
<h2 id="costs">What they cost</h2>
${chartGrid(COSTS.map((cost) => costChart(ranked, cost)))}
</section>`;
};
