import { exampleCells, exampleHeads, examplesNote } from '../../example-rows.ts';
import { html, NOTHING, nameMarkup } from '../markup.ts';
import type { Section } from './section.ts';

/** Predictions on which the two best models differ most; nothing if the report has none. */
export const examplesSection: Section = (_, { examples }) => {
  if (examples === undefined || examples.predictions.length === 0) return NOTHING;
  const heads = exampleHeads(examples).map((head) => html`<th scope="col">${nameMarkup(head)}</th>`);
  const rows = examples.predictions.map((example) => {
    const [clicks = '', ...others] = exampleCells(example);
    return html`<tr><th scope="row">${clicks}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  });
  return html`<section aria-labelledby="examples">
<h2 id="examples">Examples</h2>
<p class="note">${examplesNote(examples)}</p>
<div class="scroll"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows}
</tbody></table></div>
</section>`;
};
