import { axisName, numberAxis, scaleOf } from './charts/axes.ts';
import { SOFT } from './charts/palette.ts';
import { type Chart, type ChartPart, FONT_SIZE } from './charts/render-chart.ts';
import { whole } from './figures.ts';
import { chartGrid } from './html/chart-grid.ts';
import { html, type Markup } from './html/markup.ts';
import { page } from './html/page.ts';
import { oneLine } from './text.ts';

/** What the page shows of a dataset. Shares are between 0 and 1. */
export interface InspectionReport {
  readonly data: string;
  readonly items: number;
  readonly splits: Readonly<Record<string, { readonly sessions: number; readonly events: number }>>;
  readonly lengths: { readonly groups: readonly { readonly label: string; readonly count: number }[] };
  readonly concentration: {
    readonly gini: number;
    readonly top1: number;
    readonly rare: number;
    readonly lorenz: readonly (readonly [items: number, clicks: number])[];
  };
  readonly repeats: { readonly anyBefore: number; readonly justBefore: number };
  readonly lifetime: { readonly medianDays: number; readonly withinDay: number };
  readonly heldOut?: {
    readonly split: string;
    readonly unseen?: number;
    readonly duplicates: number;
    readonly laterTraining: number;
  };
  readonly time: { readonly fromMs: number; readonly periodMs: number; readonly counts: readonly number[] };
  readonly columns?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly distinct: number;
    readonly features: number;
    readonly items: number;
    readonly clicks: number;
    readonly shared: number;
    readonly chance: number;
  }[];
  readonly order?: {
    readonly rules: { readonly log: number; readonly shuffled: number };
    readonly gru: { readonly log: number; readonly shuffled: number };
  };
  readonly advice: readonly string[];
}

/** Writes an inspection as one HTML page without scripts or requests; every string is escaped. */
export function inspectionHtml(report: InspectionReport): string {
  const { splits, items, advice, order } = report;
  const rows = Object.entries(splits).map(
    ([name, { sessions, events }]) =>
      html`<tr><th>${name}</th><td>${whole(sessions)}</td><td>${whole(events)}</td></tr>`,
  );
  const title = oneLine(`Inspection of ${report.data}`);
  const charts = [
    lengthChart(report),
    timeChart(report),
    lorenzChart(report),
    ...(order ? [orderChart(order)] : []),
  ];
  return page({
    title,
    header: html`<p class="headline">${whole(items)} items; ${percent(report.repeats.anyBefore)} of the clicks after the first repeat an item of the session</p>`,
    main: html`<section><h2>What to do</h2>
<ul>
${(advice.length > 0 ? advice : ['Nothing stands out']).map((line) => html`<li>${oneLine(line)}</li>`)}
</ul></section>
<section><h2>Splits</h2>
<table><thead><tr><th>split</th><th>sessions</th><th>events</th></tr></thead><tbody>
${rows}
</tbody></table></section>
<section><h2>Figures</h2>
<table><tbody>
${figures(report).map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}
</tbody></table></section>
${report.columns ? columnsSection(report.columns) : []}
<section><h2>Charts</h2>
${chartGrid(charts)}
</section>`,
  });
}

function columnsSection(columns: NonNullable<InspectionReport['columns']>): Markup {
  return html`<section><h2>Columns of the items file</h2>
<table><thead><tr><th>column</th><th>kind</th><th>values</th><th>features</th><th>items with a value</th><th>clicks with a value</th><th>consecutive clicks that share one</th><th>by chance</th></tr></thead><tbody>
${columns.map(
  ({ name, kind, distinct, features, items, clicks, shared, chance }) =>
    html`<tr><th>${oneLine(name)}</th><td>${kind}</td><td>${whole(distinct)}</td><td>${whole(features)}</td><td>${percent(items)}</td><td>${percent(clicks)}</td><td>${percent(shared)}</td><td>${percent(chance)}</td></tr>`,
)}
</tbody></table></section>`;
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

function heldOutFigures({
  split,
  unseen,
  duplicates,
  laterTraining,
}: NonNullable<InspectionReport['heldOut']>): [string, string][] {
  return [
    ...(unseen === undefined
      ? []
      : [[`Clicks of ${split} on items unseen in training`, percent(unseen)] satisfies [string, string]]),
    [
      `Sessions of ${split} of three distinct items or more, with exactly those of a training session`,
      percent(duplicates),
    ],
    [`Training events later than half of ${split}`, percent(laterTraining)],
  ];
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)}\u00a0%`;
}

function lengthChart({ lengths: { groups } }: InspectionReport): Chart {
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  return barChart('lengths', 'Training sessions by length, % of all', {
    labels: groups.map(({ label }) => label),
    values: groups.map(({ count }) => (100 * count) / total),
    name: 'clicks',
  });
}

interface Bars {
  readonly labels: readonly string[];
  readonly values: readonly number[];
  readonly name: string;
}

function barChart(id: string, title: string, { labels, values, name }: Bars): Chart {
  return {
    id,
    title,
    description: `${labels.map((label, at) => `${label}: ${(values[at] ?? 0).toPrecision(3)}`).join('; ')}.`,
    height: 230,
    option: {
      grid: { left: 52, right: 16, top: 10, bottom: 46 },
      xAxis: {
        ...{ type: 'category', data: [...labels], axisTick: { show: false } },
        // The longest labels would touch at the size of other text.
        axisLabel: { color: SOFT, fontSize: FONT_SIZE - 2, interval: 0 },
        ...axisName(name),
      },
      yAxis: numberAxis(scaleOf([0, ...values])),
      series: [
        {
          ...{ type: 'custom', data: values.map((value, at) => [at, value]) },
          renderItem: drawBar,
        },
      ],
    },
  };
}

interface Drawing {
  value(dimension: number): number;
  coord(point: readonly number[]): number[];
  size(range: readonly number[]): number[];
}

function drawBar(_: unknown, api: Drawing): ChartPart {
  const [x = 0, top = 0] = api.coord([api.value(0), api.value(1)]);
  const [, bottom = 0] = api.coord([api.value(0), 0]);
  const width = 0.7 * (api.size([1, 0])[0] ?? 1);
  return {
    type: 'rect',
    shape: { x: x - width / 2, y: top, width, height: bottom - top },
    style: { fill: 'var(--c1)' },
  };
}

const DAY_MS = 86_400_000;

function timeChart({ time: { fromMs, periodMs, counts } }: InspectionReport): Chart {
  const points = counts.map((count, at) => [((at + 0.5) * periodMs) / DAY_MS, count]);
  const from = new Date(fromMs).toISOString().slice(0, 10);
  return {
    id: 'time',
    title: 'Training events over time',
    description: `From ${from}: ${counts.join(', ')} events per ${(periodMs / DAY_MS).toPrecision(3)} days.`,
    height: 230,
    option: {
      grid: { left: 62, right: 16, top: 10, bottom: 46 },
      xAxis: numberAxis(scaleOf([0, ...points.map(([days = 0]) => days)]), axisName(`days since ${from}`)),
      yAxis: numberAxis(scaleOf([0, ...counts])),
      series: [line(points)],
    },
  };
}

function lorenzChart({ concentration: { gini, lorenz } }: InspectionReport): Chart {
  const points = lorenz.map(([items, clicks]) => [100 * items, 100 * clicks]);
  const equal = {
    ...line([
      [0, 0],
      [100, 100],
    ]),
    lineStyle: { color: SOFT, type: 'dashed', width: 1 },
  };
  return {
    id: 'lorenz',
    title: `Lorenz curve of clicks, Gini ${gini.toFixed(2)}`,
    description: `Share of the clicks on the least clicked items: ${points.map(([items, clicks]) => `${items?.toFixed(0)} % have ${clicks?.toFixed(1)} %`).join('; ')}.`,
    height: 230,
    option: {
      grid: { left: 42, right: 16, top: 10, bottom: 46 },
      xAxis: numberAxis(scaleOf([0, 100]), axisName('% of the items, least clicked first')),
      yAxis: numberAxis(scaleOf([0, 100])),
      series: [equal, line(points)],
    },
  };
}

function line(points: readonly (readonly number[])[]): ChartPart {
  return { type: 'line', data: points, showSymbol: false, lineStyle: { color: 'var(--c1)', width: 2 } };
}

function orderChart({ rules, gru }: NonNullable<InspectionReport['order']>): Chart {
  return barChart('order', 'Recall@20 on the log, and with clicks shuffled', {
    labels: ['SR', 'SR shuffled', 'GRU', 'GRU shuffled'],
    values: [rules.log, rules.shuffled, gru.log, gru.shuffled],
    name: '',
  });
}
