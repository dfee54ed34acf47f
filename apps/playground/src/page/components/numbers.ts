export function groupDigits(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Milliseconds with two digits, such as `0.42 ms`. */
export function milliseconds(value: number): string {
  if (value < 0.01) return '< 0.01 ms';
  return `${value < 10 ? value.toPrecision(2) : Math.round(value)} ms`;
}

/** How a contribution reads: a factor of a probability, or a difference of scores. */
export function changeText(change: number, measure: 'log-probability' | 'above-mean'): string {
  if (measure === 'above-mean') return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(2)}`;
  const factor = Math.exp(Math.abs(change));
  const text = factor < 10 ? factor.toFixed(1) : groupDigits(factor);
  if (text === '1.0') return '× 1';
  return change < 0 ? `÷ ${text}` : `× ${text}`;
}

/** In [0, 1], the best 1: by e^score if scores are logarithms of probabilities, else in proportion, none below 0. */
export function barLengths(scores: readonly number[], logarithmic: boolean): number[] {
  const best = scores[0] ?? 0;
  if (logarithmic) return scores.map((score) => Math.exp(score - best));
  if (best > 0) return scores.map((score) => Math.max(0, score / best));
  return scores.map(() => 0);
}
