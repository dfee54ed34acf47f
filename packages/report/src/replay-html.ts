import { lineChart } from './charts/line-chart.ts';
import { lookOf } from './charts/palette.ts';
import type { Chart } from './charts/render-chart.ts';
import { fraction, threeDigits } from './figures.ts';
import { chartGrid } from './html/chart-grid.ts';
import { html, type Markup, nameMarkup } from './html/markup.ts';
import { page } from './html/page.ts';

/** Recall and MRR of some next clicks. A target that is in no list, or not known, is a miss. */
export interface ReplayFigures {
  readonly predictions: number;
  readonly recall: number;
  readonly mrr: number;
}

/** A difference with its 95 % interval by session. */
export interface ReplayDifference {
  readonly difference: number;
  readonly interval: readonly [low: number, high: number];
}

/** A contender of a replay. */
export interface ReplayedContender extends ReplayFigures {
  readonly name: string;
  /** Only the targets that the model was trained on before the replay. */
  readonly warm: ReplayFigures;
  /** Only the other targets: the model did not know them, or only from an items file. */
  readonly cold: ReplayFigures;
  /** Seconds spent learning or fitting. */
  readonly seconds: number;
  /** The first contender's figures minus those of this one; absent for the first. */
  readonly difference?: Readonly<Record<'recall' | 'mrr', ReplayDifference>> | undefined;
}

/** The result of a replay. */
export interface ReplayReport {
  /** Length of the recommendation lists. */
  readonly cutoff: number;
  /** Whether lists have no items that their session has clicked. */
  readonly excludeSeen: boolean;
  readonly contenders: readonly ReplayedContender[];
  /** Periods with predictions, in order; `figures` in the order of the contenders. */
  readonly periods: readonly { readonly startMs: number; readonly figures: readonly ReplayFigures[] }[];
}

/** What the output of a replay with `excludeSeen` says. */
export const SEEN_EXCLUDED = ' Lists have no items of their session: a repeated click is a miss.';

/** Points of a curve; more periods are joined. */
const POINTS = 48;
const HOUR_MS = 3_600_000;

/**
 * Draws a replay as one HTML page without scripts or other files: recall and MRR over time, a line per contender, and a
 * table of the figures over all predictions.
 *
 * @returns the whole document. Every string of the report is escaped.
 */
export function replayHtml(title: string, report: ReplayReport): string {
  const { cutoff, excludeSeen, contenders } = report;
  const [first] = contenders;
  const count = first?.predictions.toLocaleString('en-US');
  const headline = `${count} next clicks, each predicted before it was learnt.${excludeSeen ? SEEN_EXCLUDED : ''}`;
  return page({
    title,
    header: html`<p class="headline">${headline}</p>`,
    main: html`<section aria-labelledby="course">
<h2 id="course">Course</h2>
${chartGrid([chartOf('recall', `Recall@${cutoff}`, report), chartOf('mrr', `MRR@${cutoff}`, report)])}
</section>
<section aria-labelledby="figures">
<h2 id="figures">Over all predictions</h2>
${tableOf(report)}
<p class="note">Cold targets are items without a click that the model was trained on. A gain is in recall, with its 95 % interval by session.</p>
</section>`,
  });
}

function chartOf(key: 'recall' | 'mrr', title: string, { contenders, periods }: ReplayReport): Chart {
  const start = periods[0]?.startMs ?? 0;
  const perPoint = Math.ceil(periods.length / POINTS);
  const lines = contenders.map(({ name }, rank) => {
    const points: [number, number][] = [];
    for (let at = 0; at < periods.length; at += perPoint) {
      const joined = periods.slice(at, at + perPoint);
      const hours = ((joined[0]?.startMs ?? 0) - start) / HOUR_MS;
      points.push([
        hours,
        meanOf(
          joined.flatMap(({ figures }) => figures[rank] ?? []),
          key,
        ),
      ]);
    }
    return { name, label: name, look: lookOf(rank), points };
  });
  return lineChart({ id: `replay-${key}`, title, x: 'hour', wholeX: false, lines });
}

function meanOf(figures: readonly ReplayFigures[], key: 'recall' | 'mrr'): number {
  const predictions = figures.reduce((sum, of) => sum + of.predictions, 0);
  return figures.reduce((sum, of) => sum + of[key] * of.predictions, 0) / Math.max(1, predictions);
}

function tableOf({ cutoff, contenders }: ReplayReport): Markup {
  const rows = contenders.map(({ name, recall, mrr, warm, cold, seconds, difference }) => {
    const from = difference?.recall;
    const [low, high] = (from?.interval ?? []).map(signed);
    const shown = from ? `${signed(from.difference)} (${low} to ${high})` : '';
    return html`<tr><th scope="row">${nameMarkup(name)}</th><td>${fraction(recall)}</td><td>${fraction(mrr)}</td><td>${fraction(warm.recall)}</td><td>${fraction(cold.recall)}</td><td>${shown}</td><td>${threeDigits(seconds)}</td></tr>
`;
  });
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">contender</th><th scope="col">recall@${cutoff}</th><th scope="col">MRR@${cutoff}</th><th scope="col">recall of warm targets</th><th scope="col">recall of cold targets</th><th scope="col">${contenders[0]?.name ?? ''}’s gain</th><th scope="col">seconds of learning</th></tr></thead>
<tbody>
${rows}</tbody></table></div>`;
}

/** A fraction with a minus sign that is not a hyphen. */
function signed(value: number): string {
  return fraction(value).replace('-', '−');
}
