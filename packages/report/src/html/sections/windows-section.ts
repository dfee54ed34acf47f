import { windowRows, windowsNote } from '../../window-rows.ts';
import { html, NOTHING, nameMarkup } from '../markup.ts';
import type { Section } from './section.ts';

/** The figures of each time window; nothing without windows. */
export const windowsSection: Section = (models, report) => {
  const table = windowRows(models, report);
  if (!table) return NOTHING;
  const rows = table.rows.map(
    (cells, place) =>
      html`<tr><th scope="row">${nameMarkup(models[place]?.name ?? '')}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  return html`<section aria-labelledby="windows">
<h2 id="windows">Windows</h2>
<p class="note">${windowsNote(models)}</p>
<div class="scroll"><table>
<thead><tr><th scope="col">model</th>${table.heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows}
</tbody></table></div>
</section>`;
};
