import { html, type Markup, NOTHING, nameMarkup, Markup as Raw } from './html/markup.ts';
import { page } from './html/page.ts';
import {
  CONTEST_HEADS,
  CONTEST_NOTE,
  claimRows,
  contestRows,
  gain,
  methodNames,
  originRows,
  overviewName,
  type StudyReport,
  type StudySection,
  studyTitle,
  summaryOf,
  topOf,
  verdictsOf,
} from './study.ts';
import { OVERVIEW_NOTE, pair, STUDY_HEADS, STUDY_NOTE, sizesOf, studyCells } from './study-cells.ts';

/**
 * Writes a study as one HTML page without scripts or other files: the table of all methods and data sets, then one per data
 * set.
 *
 * @returns the whole document. Every string of the study is escaped.
 */
export function studyHtml(study: StudyReport): string {
  const { sections } = study;
  const origins = originRows(study).map(
    ([key = '', ...cells]) => html`<tr><th scope="row">${key}</th>${cells.map(cell)}</tr>`,
  );
  return page({
    title: studyTitle(study),
    header: html`<p class="headline">${summaryOf(study)}</p>`,
    main: html`<section aria-labelledby="all">
<h2 id="all">All data sets</h2>
<p class="note">${OVERVIEW_NOTE}. Bold: the best.</p>
${overview(study)}
</section>
<section aria-labelledby="chosen">
<h2 id="chosen">Chosen on validation</h2>
<h3>By recall@20</h3>
${contest(study, 'recall')}
<h3>By MRR@20</h3>
${contest(study, 'mrr')}
<p class="note">${CONTEST_NOTE}</p>
</section>
${sections.map(sectionMarkup)}
<section aria-labelledby="origin">
<h2 id="origin">Where this comes from</h2>
${tableOf(['', ...sections.map(({ name }) => name)], origins)}
</section>`,
  });
}

const bold = (text: string): string => `${BOLD}${text}`;
/** Marks the best in text cells; control characters never reach a page. */
const BOLD = '\u0001';

function cell(text: string): Markup {
  return text.startsWith(BOLD) ? html`<td><strong>${text.slice(1)}</strong></td>` : html`<td>${text}</td>`;
}

function tableOf(heads: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll"><table class="study">
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows}
</tbody></table></div>`;
}

function contest(study: StudyReport, key: 'recall' | 'mrr'): Markup {
  const rows = contestRows(study, key).map(
    ([name = '', ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map(cell)}</tr>`,
  );
  return tableOf(CONTEST_HEADS, rows);
}

function overview(study: StudyReport): Markup {
  const { sections } = study;
  const rows = methodNames(study).map((name) => {
    const cells = sections.map(({ rows: all }) => {
      const row = all.find((found) => overviewName(found) === name);
      if (!row) return html`<td></td>`;
      const figure = (key: 'recall' | 'mrr') => {
        const text = row[key].mean.toFixed(4);
        return topOf(all, key) === row ? html`<strong>${text}</strong>` : new Raw(text);
      };
      return html`<td>${figure('recall')} / ${figure('mrr')}</td>`;
    });
    return html`<tr><th scope="row">${nameMarkup(name)}</th>${cells}</tr>`;
  });
  return tableOf(['method', ...sections.map(({ name }) => name)], rows);
}

function sectionMarkup(section: StudySection, at: number): Markup {
  const { name, about, rows } = section;
  const best = { recall: topOf(rows, 'recall'), mrr: topOf(rows, 'mrr') };
  const body = rows.map(
    (row) =>
      html`<tr><th scope="row">${nameMarkup(row.name)}</th>${studyCells(row, section, best, bold).map(cell)}</tr>`,
  );
  return html`<section aria-labelledby="data-${at}">
<h2 id="data-${at}">${name}</h2>
<p class="note">${about}. ${sizesOf(section)}.</p>
${verdictsOf(section).map((verdict) => html`<p>${verdict}</p>`)}
${tableOf(STUDY_HEADS, body)}
<p class="note">${STUDY_NOTE}</p>
${claimMarkup(section)}
</section>`;
}

function claimMarkup(section: StudySection): Markup {
  const { claim } = section;
  if (!claim) return NOTHING;
  const rows = claimRows(section).map(
    ([label, model, baseline]) =>
      html`<tr><th scope="row">${label}</th><td>${pair(model)}</td><td>${pair(baseline)}</td><td>${gain(model.recall, baseline.recall)} / ${gain(model.mrr, baseline.mrr)}</td></tr>`,
  );
  return html`<h3>The claim “about 20 % above item-KNN”, as measured</h3>
${tableOf(['', claim.model, claim.baseline, 'gain'], rows)}`;
}
