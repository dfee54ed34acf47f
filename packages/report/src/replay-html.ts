import { type Chart, lookOf } from './charts/chart.ts';
import { lineChart } from './charts/line-chart.ts';
import { whole } from './figures.ts';
import { html } from './html/markup.ts';
import { chartGrid, page, section, tableMarkup } from './html/page.ts';
import { type ReplayFigures, type ReplayReport, replayTable, SEEN_EXCLUDED } from './replay.ts';

const POINTS = 48;
const HOUR_MS = 3_600_000;

/** One HTML page without scripts or other files; every string is escaped. */
export function replayHtml(title: string, report: ReplayReport): string {
  const { cutoff, excludeSeen, contenders } = report;
  const [first] = contenders;
  const headline = `${whole(first?.predictions ?? 0)} next clicks, each predicted before it was learnt.${excludeSeen ? SEEN_EXCLUDED : ''}`;
  const charts = chartGrid([
    chartOf('recall', `Recall@${cutoff}`, report),
    chartOf('mrr', `MRR@${cutoff}`, report),
  ]);
  return page({
    title,
    header: html`<p class="headline">${headline}</p>`,
    main: html`${section('course', 'Course', charts)}
${section(
  'figures',
  'Over all predictions',
  html`${tableMarkup(replayTable(report))}
<p class="note">Cold targets are items without a click that the model was trained on. A gain is in recall, with its 95 % interval by session.</p>`,
)}`,
  });
}

function chartOf(key: 'recall' | 'mrr', title: string, { contenders, periods }: ReplayReport): Chart {
  const start = periods[0]?.startMs ?? 0;
  const perPoint = Math.ceil(periods.length / POINTS);
  const lines = contenders.map(({ name }, rank) => {
    const points: [number, number][] = [];
    for (let at = 0; at < periods.length; at += perPoint) {
      const joined = periods.slice(at, at + perPoint);
      const figures = joined.flatMap((period) => period.figures[rank] ?? []);
      points.push([((joined[0]?.startMs ?? 0) - start) / HOUR_MS, meanOf(figures, key)]);
    }
    return { name, label: name, look: lookOf(rank), points };
  });
  return lineChart({ id: `replay-${key}`, title, x: 'hour', wholeX: false, lines });
}

function meanOf(figures: readonly ReplayFigures[], key: 'recall' | 'mrr'): number {
  const predictions = figures.reduce((sum, of) => sum + of.predictions, 0);
  return figures.reduce((sum, of) => sum + of[key] * of.predictions, 0) / Math.max(1, predictions);
}
