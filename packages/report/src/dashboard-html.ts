import { setImmediate } from 'node:timers/promises';
import { lineChart, namedLines } from './charts/line-chart.ts';
import { html, type Markup } from './html/markup.ts';
import { chartFigure, section, tableMarkup, warningsBox } from './html/page.ts';
import type { Table } from './table.ts';

/** A table and its place on a page. */
export interface TitledTable {
  readonly id: string;
  readonly title: string;
  readonly table: Table;
}

/** Curves over the hours until now; each line has two points at least. */
export interface HourChart {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [hour: number, value: number])[];
  }[];
}

/** A sentence, and what is wrong. Parts of pages need `STYLE`; every string is escaped. */
export function headlineHtml(headline: string, warnings: readonly string[]): string {
  return html`<p class="headline">${headline}</p>
${warningsBox(warnings)}`.text;
}

/** A part of a page, too. */
export function tablesHtml(tables: readonly TitledTable[]): string {
  return html`${tables.map(({ id, title, table }) => section(id, title, tableMarkup(table)))}`.text;
}

/** A part of a page, too. A chart takes about 10 ms, between which other work may run. */
export async function hourChartsHtml(charts: readonly HourChart[]): Promise<string> {
  const figures: Markup[] = [];
  for (const { id, title, lines } of charts) {
    const chart = { id, title, x: 'hours from now', wholeX: false, lines: namedLines(lines) };
    figures.push(chartFigure(lineChart(chart)));
    await setImmediate();
  }
  return html`<div class="charts">${figures}</div>`.text;
}
