import type { CutoffResult } from '@gru4rec/metrics';
import Table from 'cli-table3';
import type { NamedEvaluation } from '../evaluating/evaluate-beside-baselines.ts';

/** What a table shows. */
interface Shown {
  readonly model: NamedEvaluation;
  readonly baselines: readonly NamedEvaluation[];
}

/**
 * One table a cutoff: a line for each baseline, then the model, with gains over the best baseline where there is one.
 *
 * @param note - a line for the end; none if not given.
 */
export function formatResults({ model, baselines }: Shown, note?: string): string {
  const tables = model.results.map(({ cutoff }, place) => tableAt(cutoff, place, { model, baselines }));
  return [...tables, ...(note === undefined ? [] : [note])].join('\n');
}

/** The best figures of any baseline. */
type Yardstick = Pick<CutoffResult, 'recall' | 'mrr'>;

function tableAt(cutoff: number, place: number, { model, baselines }: Shown): string {
  const yardstick = bestOf(baselines, place);
  const head = ['', `recall@${cutoff}`, `MRR@${cutoff}`, `nDCG@${cutoff}`, 'coverage'];
  if (yardstick) head.push('recall gain', 'MRR gain');
  const table = new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const { name, results } of [...baselines, model]) {
    const result = results[place] as CutoffResult;
    table.push([name, ...figures(result), ...(yardstick ? gains(result, yardstick) : [])]);
  }
  const note = yardstick ? '\nGains are over the best baseline of the column.' : '';
  return `${table.toString()}${note}`;
}

function bestOf(baselines: readonly NamedEvaluation[], place: number): Yardstick | undefined {
  if (baselines.length === 0) return undefined;
  const best = (metric: 'recall' | 'mrr') =>
    Math.max(...baselines.map(({ results }) => results[place]?.[metric] ?? 0));
  return { recall: best('recall'), mrr: best('mrr') };
}

function figures({ recall, mrr, ndcg, coverage, interval }: CutoffResult): string[] {
  return [
    withInterval(recall, interval?.recall),
    withInterval(mrr, interval?.mrr),
    withInterval(ndcg, interval?.ndcg),
    `${(100 * coverage).toFixed(1)} %`,
  ];
}

function withInterval(value: number, interval: readonly [number, number] | undefined): string {
  if (!interval) return value.toFixed(4);
  return `${value.toFixed(4)} (${interval.map((bound) => bound.toFixed(4)).join('–')})`;
}

function gains(result: CutoffResult, yardstick: Yardstick): string[] {
  return [formatGain(result.recall, yardstick.recall), formatGain(result.mrr, yardstick.mrr)];
}

/** `+12.3 %`; a dash where there is nothing to compare with. */
export function formatGain(value: number, base: number): string {
  if (value === base || base === 0) return '–';
  const percent = 100 * (value / base - 1);
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}
