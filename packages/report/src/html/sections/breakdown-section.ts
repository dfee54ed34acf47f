import { BREAKDOWNS, type Breakdown, breakdownTable, groupsOf } from '../../breakdowns.ts';
import { groupChart } from '../../charts/group-chart.ts';
import { greyNote } from '../../charts/palette.ts';
import type { ModelReport } from '../../report.ts';
import { oneLine } from '../../text.ts';
import { chartGrid } from '../chart-grid.ts';
import { legendKeys } from '../legend-keys.ts';
import { html, type Markup, NOTHING, nameMarkup } from '../markup.ts';
import type { Section } from './section.ts';

/** Recall by group with a panel per breakdown, and below it all figures, collapsed. */
export const breakdownSection: Section = (ranked, { breakdownCutoff: cutoff }) => {
  const shown = BREAKDOWNS.filter((breakdown) => groupsOf(ranked, breakdown).length > 0);
  if (shown.length === 0) return NOTHING;
  return html`<section aria-labelledby="groups">
<h2 id="groups">Where they are good</h2>
<p class="note">Recall over parts of the predictions. ${greyNote(ranked)}</p>
${legendKeys(ranked)}
${chartGrid(shown.map((breakdown) => groupChart(ranked, breakdown, cutoff)))}
${shown.map((breakdown) => breakdownFigures(ranked, breakdown, cutoff))}
</section>`;
};

function breakdownFigures(ranked: readonly ModelReport[], breakdown: Breakdown, cutoff: number): Markup {
  const title = `${breakdown.name}: recall@${cutoff} / MRR@${cutoff}`;
  const [heads = [], ...rows] = breakdownTable(ranked, breakdown, '–');
  const body = rows.map(
    ([name = '', ...cells]) =>
      html`<tr><th scope="row">${nameMarkup(name)}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  return html`<details>
<summary>${title}</summary>
<div class="scroll" role="region" tabindex="0" aria-label="${title}"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${oneLine(head)}</th>`)}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>
</details>`;
}
