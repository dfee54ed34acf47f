import type { Scorer } from '@gru4rec/metrics';

/** A scorer that gives the same scores for any input; `closed` counts the calls of `close`. */
export function constantScorer(name: string, row: readonly number[]): Scorer & { closed: number } {
  const scorer = {
    name,
    itemCount: row.length,
    closed: 0,
    open: (slots: number) => ({
      step: () => Float64Array.from({ length: slots * row.length }, (_, index) => row[index % row.length]),
      close() {
        scorer.closed++;
      },
    }),
  };
  return scorer;
}

/** A scorer whose `open`, `step` or `close` throws. */
export function brokenScorer(itemCount: number, broken: 'open' | 'step' | 'close'): Scorer {
  const unless = (part: string): void => {
    if (part === broken) throw new Error(`no ${part}`);
  };
  return {
    name: 'broken',
    itemCount,
    open(slots) {
      unless('open');
      return {
        step() {
          unless('step');
          return new Float64Array(slots * itemCount);
        },
        close: () => unless('close'),
      };
    },
  };
}
