import { gateLine, PAIRS_NOTE, pairCells, pairHeads } from '../../pair-rows.ts';
import { html, NOTHING, nameMarkup } from '../markup.ts';
import type { Section } from './section.ts';

/** Gates, and any two models against each other, collapsed; nothing if the report has neither. */
export const pairsSection: Section = (_, { pairs = [], gates = [] }) => {
  if (pairs.length === 0 && gates.length === 0) return NOTHING;
  const lines = gates.map((gate) => html`<li>${gateLine(gate)}</li>`);
  const rows = pairs.map(
    (pair) =>
      html`<tr><th scope="row">${nameMarkup(pair.first)}</th><th scope="row">${nameMarkup(pair.second)}</th>${pairCells(pair).map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  const table = html`<details>
<summary>Any two models against each other</summary>
<p class="note">${PAIRS_NOTE}</p>
<div class="scroll"><table>
<thead><tr><th scope="col">first</th><th scope="col">second</th>${pairHeads(pairs).map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows}
</tbody></table></div>
</details>`;
  return html`<section aria-labelledby="pairs">
<h2 id="pairs">Tests</h2>
${lines.length > 0 ? html`<ul>${lines}</ul>` : NOTHING}
${pairs.length > 0 ? table : NOTHING}
</section>`;
};
