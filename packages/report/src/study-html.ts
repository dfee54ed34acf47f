import { html, Markup, NOTHING, nameMarkup } from './html/markup.ts';
import { page } from './html/page.ts';
import {
  CONTEST_NOTE,
  contestTable,
  originTable,
  type StudyReport,
  type StudySection,
  studyTitle,
  summaryOf,
  verdictsOf,
} from './study.ts';
import {
  claimTable,
  OVERVIEW_NOTE,
  overviewTable,
  STUDY_NOTE,
  sectionTable,
  sizesOf,
} from './study-cells.ts';

/**
 * Writes a study as one HTML page without scripts or other files: the table of all methods and data sets, then one per data
 * set.
 *
 * @returns the whole document. Every string of the study is escaped.
 */
export function studyHtml(study: StudyReport): string {
  return page({
    title: studyTitle(study),
    header: html`<p class="headline">${summaryOf(study)}</p>`,
    main: html`<section aria-labelledby="all">
<h2 id="all">All data sets</h2>
<p class="note">${OVERVIEW_NOTE}. Bold: the best.</p>
${tableOf(overviewTable(study, bold))}
</section>
<section aria-labelledby="chosen">
<h2 id="chosen">Chosen on validation</h2>
<h3>By recall@20</h3>
${tableOf(contestTable(study, 'recall'))}
<h3>By MRR@20</h3>
${tableOf(contestTable(study, 'mrr'))}
<p class="note">${CONTEST_NOTE}</p>
</section>
${study.sections.map(sectionMarkup)}
<section aria-labelledby="origin">
<h2 id="origin">Where this comes from</h2>
${tableOf(originTable(study))}
</section>`,
  });
}

/** Before and after a bold part of a cell; control characters never reach a page. */
const BOLD = '\u0001';
const bold = (text: string): string => `${BOLD}${text}${BOLD}`;

function cell(text: string): Markup {
  const parts = text
    .split(BOLD)
    .map((part, at) => (at % 2 === 1 ? html`<strong>${part}</strong>` : html`${part}`));
  return html`<td>${new Markup(parts.join(''))}</td>`;
}

function tableOf([heads = [], ...rows]: readonly (readonly string[])[]): Markup {
  const body = rows.map(
    ([name = '', ...cells]) => html`<tr><th scope="row">${nameMarkup(name)}</th>${cells.map(cell)}</tr>`,
  );
  return html`<div class="scroll"><table class="study">
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${body}
</tbody></table></div>`;
}

function sectionMarkup(section: StudySection, at: number): Markup {
  const { name, about, claim } = section;
  const claimed = claim
    ? html`<h3>The claim “about 20 % above item-KNN”, as measured</h3>
${tableOf(claimTable(claim))}`
    : NOTHING;
  return html`<section aria-labelledby="data-${at}">
<h2 id="data-${at}">${name}</h2>
<p class="note">${about}. ${sizesOf(section)}.</p>
${verdictsOf(section).map((verdict) => html`<p>${verdict}</p>`)}
${tableOf(sectionTable(section, bold))}
<p class="note">${STUDY_NOTE}</p>
${claimed}
</section>`;
}
