import { chartLabel } from './charts/axes.ts';
import { lookOf } from './charts/chart.ts';
import { type Line, lineChart } from './charts/line-chart.ts';
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

const END_LETTERS = 8;

/** One HTML page without scripts or other files; every string is escaped. */
export function impactHtml(title: string, sections: readonly ImpactSection[]): string {
  const several = sections.map(({ warnings, title: place }) => warnings.map((one) => `${place}: ${one}`));
  return page({
    title,
    header: html`${sections.map(({ sentence }) => html`<p class="headline">${sentence}</p>`)}
${warningsBox(several.flat())}`,
    main: html`${sections.map(placeSection)}`,
  });
}

function placeSection({ title, tables, charts, notes }: ImpactSection, at: number) {
  const drawn = charts.map(({ title: of, lines }, place) => {
    const looks = lines.map(({ name, points }, rank) => ({
      name,
      points,
      look: lookOf(rank),
      label: chartLabel(name, END_LETTERS),
    }));
    return lineChart({ id: `impact-${at}-${place}`, title: of, x: 'day', wholeX: true, lines: looks });
  });
  return section(
    `place-${at}`,
    title,
    html`${tables.map(tableMarkup)}
${drawn.length > 0 ? chartGrid(drawn) : ''}
${notes.map((note) => html`<p class="note">${note}</p>`)}`,
  );
}
