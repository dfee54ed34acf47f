import { type Line, lineChart, namedLines } from './charts/line-chart.ts';
import { html } from './html/markup.ts';
import { chartGrid, page, section, tableMarkup, warningsBox } from './html/page.ts';
import type { Table } from './table.ts';

/** A curve over days; each line has two points at least. */
export interface DayChart {
  readonly title: string;
  readonly lines: readonly Pick<Line, 'name' | 'points'>[];
}

/** What the lists of a place earn. */
export interface ImpactSection {
  readonly title: string;
  /** What is to be known first. */
  readonly sentence: string;
  readonly warnings: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly DayChart[];
  readonly notes: readonly string[];
}

/** One HTML page without scripts or other files; every string is escaped. */
export function impactHtml(title: string, sections: readonly ImpactSection[]): string {
  const warned = sections.flatMap(({ warnings, title: place }) => warnings.map((one) => `${place}: ${one}`));
  return page({
    title,
    header: html`${sections.map(({ sentence }) => html`<p class="headline">${sentence}</p>`)}
${warningsBox(warned)}`,
    main: html`${sections.map(placeSection)}`,
  });
}

function placeSection({ title, tables, charts, notes }: ImpactSection, at: number) {
  const drawn = charts.map(({ title: name, lines }, place) =>
    lineChart({ id: `impact-${at}-${place}`, title: name, x: 'day', wholeX: true, lines: namedLines(lines) }),
  );
  return section(
    `place-${at}`,
    title,
    html`${tables.map(tableMarkup)}
${drawn.length > 0 ? chartGrid(drawn) : ''}
${notes.map((note) => html`<p class="note">${note}</p>`)}`,
  );
}
