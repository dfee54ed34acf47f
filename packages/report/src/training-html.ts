import { chartLabel } from './charts/axes.ts';
import { lookOf } from './charts/chart.ts';
import { epochCharts } from './charts/line-chart.ts';
import { fraction, threeDigits } from './figures.ts';
import { html, type Markup, NOTHING, nameMarkup } from './html/markup.ts';
import { chartGrid, page, section, tableMarkup } from './html/page.ts';
import { listTable } from './table.ts';
import { formatOrigin } from './text.ts';

/** Figures at one moment of a training; figures that are not known are absent. */
export interface TrainingPoint {
  /** Epochs so far, with a fraction within one. */
  readonly epoch: number;
  readonly loss?: number | undefined;
  /** Validation figures at 20 items. */
  readonly recall?: number | undefined;
  readonly mrr?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly eventsPerSecond?: number | undefined;
}

/** One training run. */
export interface TrainingCourse {
  /** Unique among the runs. */
  readonly name: string;
  /** In order of `epoch`; at least one. */
  readonly points: readonly TrainingPoint[];
  /** What distinguishes it, such as hyper-parameters. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** One or more training runs. */
export interface TrainingReport {
  readonly title: string;
  readonly runs: readonly TrainingCourse[];
}

const CHARTS = [
  { key: 'loss', title: 'Loss' },
  { key: 'recall', title: 'Validation recall@20' },
  { key: 'mrr', title: 'Validation MRR@20' },
  { key: 'learningRate', title: 'Learning rate' },
  { key: 'eventsPerSecond', title: 'Events per second' },
] as const;

const END_LETTERS = 8;

/** One HTML page without scripts or other files; every string is escaped. */
export function trainingHtml({ title, runs }: TrainingReport): string {
  const courses = runs.map(({ name, points }, rank) => ({
    name,
    label: chartLabel(name, END_LETTERS),
    look: lookOf(rank),
    records: points,
  }));
  const charts = epochCharts(CHARTS, courses, { id: 'training', wholeX: false });
  const drawn = charts.length > 0 ? chartGrid(charts) : html`<p class="note">No training is on record.</p>`;
  const described = runs.filter(({ facts }) => Object.keys(facts).length > 0).map(factsOf);
  return page({
    title,
    header: html`<p class="headline">${headline(runs)}</p>`,
    main: html`${section('course', 'Course', drawn)}
${described.length > 0 ? section('runs', 'Runs', html`${described}`) : NOTHING}`,
  });
}

function headline(runs: readonly TrainingCourse[]): string {
  if (runs.length !== 1) return `${runs.length} training runs.`;
  const points = runs[0]?.points ?? [];
  const last = points.findLast(({ loss }) => loss !== undefined);
  const best = points.reduce<TrainingPoint | undefined>(
    (best, point) => (point.recall !== undefined && point.recall > (best?.recall ?? -1) ? point : best),
    undefined,
  );
  const loss = last
    ? `Loss ${fraction(last.loss ?? 0)} after epoch ${threeDigits(last.epoch)}`
    : 'No training is on record';
  if (!best) return `${loss}.`;
  return `${loss}; the best recall@20, ${fraction(best.recall ?? 0)}, after epoch ${best.epoch}.`;
}

function factsOf({ name, facts }: TrainingCourse): Markup {
  const rows = Object.entries(facts).map(([key, value]) => [key, formatOrigin(value)] as const);
  return html`<h3>${nameMarkup(name)}</h3>
${tableMarkup(listTable(['what', 'value'], rows))}`;
}
