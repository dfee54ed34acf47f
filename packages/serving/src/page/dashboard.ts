import type { Table } from '@gru4rec/report';
import type { HourChart, TitledTable } from '@gru4rec/report/pages';
import type { Period } from '../online/history.ts';
import type { ServerContext } from '../server-context.ts';
import { counted, describeModels, type ModelReports, problemsOf, read, sum, whole } from './problems.ts';

const HOUR_MS = 3_600_000;
/** Periods whose clicks and lists are counted together: an hour. */
const CLICKED_PERIODS = 12;
/** Shorter periods are not drawn. */
const DRAWN_SECONDS = 30;

const short = (value: number) => Number(value.toPrecision(2)).toString();

/** The traffic in one sentence, and what is wrong. */
export async function headlineFor(context: ServerContext): Promise<string> {
  const { headlineHtml } = await import('@gru4rec/report/pages');
  const problems = await problemsOf(context, await describeModels(context));
  return headlineHtml(headlineOf(await context.history.periods()), problems);
}

/** The models, their versions and the newest items. */
export async function tablesOf(context: ServerContext): Promise<string> {
  const { tablesHtml } = await import('@gru4rec/report/pages');
  const models = modelsTable(await describeModels(context), await context.history.periods());
  const tables: TitledTable[] = [
    { id: 'models', title: 'Models', table: models },
    { id: 'server', title: 'Server', table: await serverTable(context) },
    { id: 'versions', title: 'Versions', table: context.versions?.() ?? { columns: [], rows: [] } },
    { id: 'new-items', title: 'Newest items since the start', table: newItemsTable(context) },
  ];
  return tablesHtml(tables.filter(({ table }) => table.rows.length > 0));
}

function headlineOf(periods: readonly Period[]): string {
  const latest = periods.findLast(({ seconds }) => seconds >= 10) ?? periods.at(-1);
  if (!latest?.requests) return 'No request in the last minutes.';
  const { requests, seconds, p50Ms = 0, p99Ms = 0 } = latest;
  return `${short(requests / seconds)} requests per second: half are answered within ${short(p50Ms)} ms, 99 % within ${short(p99Ms)} ms.`;
}

function modelsTable(models: ModelReports, periods: readonly Period[]): Table {
  const heads = [
    'name',
    'version',
    'loaded',
    'items',
    'recall@20',
    '95 %',
    'sessions',
    'lists in 24 h',
    'clicks per list',
  ];
  const rows = models.map(({ name, folder, loadedAt, items, online }) => {
    const figures = online.recommendations.at(-1);
    const arms = periods.flatMap((period) => period.arms[name] ?? []);
    const [lists, clicks] = [sum(arms, ({ lists }) => lists), sum(arms, ({ clicks }) => clicks)];
    return [
      name,
      folder ?? 'none',
      loadedAt ? ago(Date.parse(loadedAt)) : '–',
      items === null ? '–' : whole(items),
      figures?.recall.toFixed(3) ?? '–',
      figures?.recallInterval?.map((bound) => bound.toFixed(3)).join(' to ') ?? '–',
      figures ? whole(figures.sessions) : '–',
      whole(lists),
      lists === 0 ? '–' : (clicks / lists).toFixed(3),
    ];
  });
  return { columns: heads.map((head) => ({ head })), rows };
}

async function serverTable(context: ServerContext): Promise<Table> {
  const count = async (name: string, noun: string) => counted((await read(context, name)) ?? 0, noun);
  const hasLog = (await read(context, 'event_log_clicks_total')) !== undefined;
  const rows = [
    [
      'sessions',
      `${await count('sessions', 'session')} ${context.sessions.status ? 'in their store' : 'in memory'}`,
    ],
    ['event log', hasLog ? `${await count('event_log_clicks_total', 'click')} since the start` : 'none'],
  ];
  if (context.learning) {
    const [pairs, items] = [
      await count('learn_pairs_total', 'pair'),
      await count('learn_new_items', 'new item'),
    ];
    rows.push(['learnt', `${pairs}, ${items}, ${await count('learn_versions_total', 'version')}`]);
  }
  return { columns: ['what', 'state'].map((head) => ({ head, align: 'left' })), rows };
}

function newItemsTable({ newItems }: ServerContext): Table {
  const rows = newItems
    .report()
    .map(({ id, title, firstClickMs, known, clicked, listed }) => [
      title === undefined ? id : `${title} (${id})`,
      ago(firstClickMs),
      known ? 'yes' : 'no',
      whole(clicked),
      whole(listed),
    ]);
  return {
    columns: ['item', 'first click', 'in a model', 'clicked', 'listed'].map((head) => ({ head })),
    rows,
  };
}

/** Of the last 24 hours. */
export async function chartsOf(context: ServerContext): Promise<string> {
  const all = await context.history.periods();
  const periods = all.filter(({ seconds, requests }) => seconds > DRAWN_SECONDS || requests === 0);
  const nowMs = Date.now();
  const line = (name: string, of: (period: Period, at: number) => number | undefined) => {
    const points = periods.flatMap((period, at): [number, number][] => {
      const value = of(period, at);
      return value === undefined ? [] : [[(period.endMs - nowMs) / HOUR_MS, value]];
    });
    return { name, points };
  };
  const names = context.models.all.map(({ name }) => name);
  const lists = (period: Period) => sum(Object.values(period.arms), (arm) => arm.lists);
  const charts: HourChart[] = [
    {
      id: 'requests',
      title: 'Requests per second',
      lines: [line('requests', ({ requests, seconds }) => requests / seconds)],
    },
    {
      id: 'durations',
      title: 'Milliseconds per request',
      lines: [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)],
    },
    {
      id: 'fallbacks',
      title: 'Share of lists that only show what is trending',
      lines: [line('fallbacks', (period) => quotient(period.fallbacks, lists(period)))],
    },
    {
      id: 'recall',
      title: 'Online recall@20 of the latest 10,000 sessions',
      lines: names.map((name) => line(name, ({ arms }) => arms[name]?.recall)),
    },
    {
      id: 'clicks',
      title: 'Clicks per list, over the hour before',
      lines: names.map((name) =>
        line(name, (_, at) => {
          const hour = periods.slice(Math.max(0, at + 1 - CLICKED_PERIODS), at + 1);
          const arms = hour.flatMap((period) => period.arms[name] ?? []);
          return quotient(
            sum(arms, (arm) => arm.clicks),
            sum(arms, (arm) => arm.lists),
          );
        }),
      ),
    },
  ];
  const drawn = charts.flatMap((chart) => {
    const lines = chart.lines.filter(({ points }) => points.length > 1);
    return lines.length > 0 ? [{ ...chart, lines }] : [];
  });
  if (drawn.length === 0) return '<p class="note">The curves begin about six minutes after the start.</p>';
  const { hourChartsHtml } = await import('@gru4rec/report/pages');
  return hourChartsHtml(drawn);
}

function quotient(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

function ago(ms: number): string {
  const minutes = Math.max(0, Date.now() - ms) / 60_000;
  if (minutes < 1) return 'just now';
  return minutes < 100 ? `${whole(minutes)} min ago` : `${whole(minutes / 60)} h ago`;
}
