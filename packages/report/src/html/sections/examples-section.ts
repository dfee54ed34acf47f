import { exampleCells, exampleHeads, examplesNote } from '../../example-rows.ts';
import { html, NOTHING, nameMarkup } from '../markup.ts';
import type { Section } from './section.ts';

/** Predictions on which the two best models differ most; nothing if the report has none. */
export const examplesSection: Section = (_, { examples }) => {
  if (examples === undefined || examples.predictions.length === 0) return NOTHING;
  const names = exampleHeads(examples);
  const heads = names.map((head) => html`<th scope="col" role="columnheader">${nameMarkup(head)}</th>`);
  const rows = examples.predictions.map((example) => {
    const [clicks = '', ...others] = exampleCells(example);
    const cells = others.map(
      (cell, at) => html`<td role="cell" data-label="${names[at + 1] ?? ''}">${cell}</td>`,
    );
    return html`<tr role="row"><th scope="row" role="rowheader" data-label="${names[0] ?? ''}">${clicks}</th>${cells}</tr>`;
  });
  return html`<section aria-labelledby="examples">
<h2 id="examples">Examples</h2>
<p class="note">${examplesNote(examples)}</p>
<table class="examples cards" role="table">
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${rows}
</tbody></table>
</section>`;
};
