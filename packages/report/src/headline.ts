import { formatP, fraction, percent } from './figures.ts';
import { type ComparisonReport, type ModelReport, mainResult, rankModels, SIGNIFICANCE } from './report.ts';
import { listWords, oneLine } from './text.ts';

/**
 * States which model wins by MRR at the main cutoff, by how much and how certainly, and which is best by recall if that is
 * another one; then whether `counts` may suffice.
 *
 * "Too much for chance against every other model" joins tests that must all succeed, an intersection–union test
 * (Berger 1982, Technometrics 24), so the p-values need no correction for their number.
 */
export function headlineOf({ models }: ComparisonReport): string {
  const ranked = rankModels(models);
  const [first, ...others] = ranked;
  if (!first) return '';
  const { cutoff, mrr, recall } = mainResult(first);
  if (others.length === 0) {
    const figures = `MRR@${cutoff} ${fraction(mrr.mean)}, recall@${cutoff} ${fraction(recall.mean)}`;
    return `${nameOf(first)} is the only model: ${figures}.`;
  }
  return `${winnerSentence(first, others)}${recallSentence(ranked)}${countsSentence(ranked)}`;
}

function winnerSentence(first: ModelReport, others: readonly ModelReport[]): string {
  const { cutoff, mrr } = mainResult(first);
  const equals = others.filter((model) => mainResult(model).mrr.mean === mrr.mean);
  const value = `MRR@${cutoff} of ${fraction(mrr.mean)}`;
  if (equals.length > 0) return `${listWords([first, ...equals].map(nameOf))} share the best ${value}.`;
  const { sure, text } = certainty(others);
  return `${nameOf(first)} ${sure ? 'wins' : 'leads'}: its ${value} is ${lead(first, others[0])}${text}.`;
}

function lead(first: ModelReport, second: ModelReport | undefined): string {
  if (!second) return '';
  const [high, low] = [mainResult(first).mrr.mean, mainResult(second).mrr.mean];
  const who = `${nameOf(second)}, the second`;
  return low > 0 ? `${percent(high / low - 1)} above that of ${who}` : `above the 0 of ${who}`;
}

function certainty(others: readonly ModelReport[]): { readonly sure: boolean; readonly text: string } {
  const tested = others.flatMap((model) => {
    const { p } = mainResult(model).mrr;
    return p === undefined ? [] : [{ name: nameOf(model), p }];
  });
  if (tested.length === 0) return { sure: false, text: ', but no test says whether that is chance' };
  const near = tested.filter(({ p }) => p >= SIGNIFICANCE);
  if (near.length > 0) {
    const whom = listWords(near.map(({ name, p }) => `${name} (p ${formatP(p)})`));
    return { sure: false, text: `, but the lead over ${whom} may be chance` };
  }
  const largest = formatP(Math.max(...tested.map(({ p }) => p)));
  const whom =
    tested.length === others.length ? 'every other model' : `${tested.length} of ${others.length} others`;
  const bound = largest.startsWith('<') ? `p ${largest}` : `p ≤ ${largest}`;
  return { sure: true, text: `, and too much for chance against ${whom} (${bound}, paired by session)` };
}

function recallSentence(ranked: readonly ModelReport[]): string {
  const best = Math.max(...ranked.map((model) => mainResult(model).recall.mean));
  const winners = ranked.filter((model) => mainResult(model).recall.mean === best);
  const [first, winner] = [ranked[0], winners[0]];
  if (!first || !winner || winners.includes(first)) return '';
  return ` By recall@${mainResult(winner).cutoff} the best is ${nameOf(winner)}, ${fraction(best)}.`;
}

/** If networks, which have learning curves, gain nothing certain. */
function countsSentence(models: readonly ModelReport[]): string {
  const counts = models.find(({ name }) => name === 'counts');
  if (!counts || models.every(({ curves }) => curves.length === 0)) return '';
  const isSurpassed = (['recall', 'mrr'] as const).some((metric) => {
    const { mean, p = 0 } = mainResult(counts)[metric];
    return p < SIGNIFICANCE && models.some((model) => mainResult(model)[metric].mean > mean);
  });
  if (isSurpassed) return '';
  return ' Without a network, counts is not worse than the best by more than chance: it may suffice on this log.';
}

function nameOf({ name }: ModelReport): string {
  return oneLine(name);
}
