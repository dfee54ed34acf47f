import { type Chart, lookOf } from './charts/chart.ts';
import { lineChart } from './charts/line-chart.ts';
import { percent as percentOf, threeDigits, whole } from './figures.ts';
import { html, type Markup, NOTHING } from './html/markup.ts';
import { chartGrid, page, section, tableMarkup } from './html/page.ts';
import { oneLine } from './text.ts';

/** What the page shows of a dataset. Shares are between 0 and 1. */
export interface InspectionReport {
  readonly data: string;
  readonly items: number;
  readonly splits: Readonly<Record<string, { readonly sessions: number; readonly events: number }>>;
  readonly lengths: { readonly groups: readonly { readonly label: string; readonly count: number }[] };
  readonly concentration: { readonly top1: number; readonly rare: number };
  readonly repeats: { readonly anyBefore: number; readonly justBefore: number };
  readonly lifetime: { readonly medianDays: number; readonly withinDay: number };
  readonly heldOut?:
    | {
        readonly split: string;
        readonly unseen?: number | undefined;
        readonly duplicates: number;
        readonly laterTraining: number;
      }
    | undefined;
  readonly time: { readonly fromMs: number; readonly periodMs: number; readonly counts: readonly number[] };
  readonly columns?:
    | readonly {
        readonly name: string;
        readonly kind: string;
        readonly distinct: number;
        readonly features: number;
        readonly items: number;
        readonly clicks: number;
        readonly shared: number;
        readonly chance: number;
      }[]
    | undefined;
  readonly advice: readonly string[];
}

/** Writes an inspection as one HTML page without scripts or requests; every string is escaped. */
export function inspectionHtml(report: InspectionReport): string {
  const { splits, items, advice, columns } = report;
  const lines = advice.length > 0 ? advice : ['Nothing stands out'];
  const { groups } = report.lengths;
  const sessions = groups.reduce((sum, { count }) => sum + count, 0);
  const ofLengths = {
    columns: [{ head: 'clicks' }, { head: 'sessions', format: whole }, { head: 'share', format: percent }],
    rows: groups.map(({ label, count }) => [label, count, count / sessions]),
  };
  const ofSplits = {
    columns: [{ head: 'split' }, { head: 'sessions', format: whole }, { head: 'events', format: whole }],
    rows: Object.entries(splits).map(([name, { sessions, events }]) => [name, sessions, events]),
  };
  const ofAll = { columns: [{ head: 'figure' }, { head: 'value' }], rows: figures(report) };
  return page({
    title: oneLine(`Inspection of ${report.data}`),
    header: html`<p class="headline">${whole(items)} items; ${percent(report.repeats.anyBefore)} of the clicks after the first repeat an item of the session</p>`,
    main: html`${section('advice', 'What to do', html`<ul>${lines.map((line) => html`<li>${oneLine(line)}</li>`)}</ul>`)}
${section('splits', 'Splits', tableMarkup(ofSplits))}
${section('figures', 'Figures', tableMarkup(ofAll))}
${columns ? section('columns', 'Columns of the items file', columnsTable(columns)) : NOTHING}
${section('lengths', 'Training sessions by length', tableMarkup(ofLengths))}
${section('charts', 'Events over time', chartGrid([timeChart(report)]))}`,
  });
}

function columnsTable(columns: NonNullable<InspectionReport['columns']>): Markup {
  return tableMarkup({
    columns: [
      { head: 'column' },
      { head: 'kind', align: 'left' },
      { head: 'values', format: whole },
      { head: 'features', format: whole },
      { head: 'items with a value', format: percent },
      { head: 'clicks with a value', format: percent },
      { head: 'consecutive clicks that share one', format: percent },
      { head: 'by chance', format: percent },
    ],
    rows: columns.map(({ name, kind, distinct, features, items, clicks, shared, chance }) => [
      ...[name, kind, distinct, features, items, clicks, shared, chance],
    ]),
  });
}

function figures({ concentration, repeats, lifetime, heldOut }: InspectionReport): [string, string][] {
  return [
    ['Clicks on an item of the session, of those after the first', percent(repeats.anyBefore)],
    ['Clicks on the item just before', percent(repeats.justBefore)],
    ['Clicks on the top 1 % of the items', percent(concentration.top1)],
    ['Items with fewer than 5 clicks', percent(concentration.rare)],
    ['Days from the first to the last click of an item, median', lifetime.medianDays.toFixed(1)],
    ['Clicks within a day of the first of their item', percent(lifetime.withinDay)],
    ...(heldOut ? heldOutFigures(heldOut) : []),
  ];
}

function heldOutFigures(heldOut: NonNullable<InspectionReport['heldOut']>): [string, string][] {
  const { split, unseen, duplicates, laterTraining } = heldOut;
  const shares: [string, number | undefined][] = [
    [`Clicks of ${split} on items unseen in training`, unseen],
    [
      `Sessions of ${split} of three distinct items or more, with exactly those of a training session`,
      duplicates,
    ],
    [`Training events later than half of ${split}`, laterTraining],
  ];
  return shares.flatMap(([what, share]) => (share === undefined ? [] : [[what, percent(share)]]));
}

function percent(share: number): string {
  return percentOf(share).replace(' ', '\u00a0');
}

const DAY_MS = 86_400_000;

function timeChart({ time: { fromMs, periodMs, counts } }: InspectionReport): Chart {
  const from = new Date(fromMs).toISOString().slice(0, 10);
  const points = counts.map((count, at): [number, number] => [((at + 0.5) * periodMs) / DAY_MS, count]);
  const title = `Training events per ${threeDigits(periodMs / DAY_MS)} days`;
  const line = { name: 'events', label: '', look: lookOf(0), points };
  return lineChart({ id: 'time', title, x: `days since ${from}`, wholeX: false, lines: [line] });
}
