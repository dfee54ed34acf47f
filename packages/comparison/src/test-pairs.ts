import { pairedBootstrap, type RankBootstrapOptions } from '@gru4rec/metrics';
import type { PairTest } from '@gru4rec/report';
import type { ContenderRuns } from './run-contenders.ts';

/** Paired tests of any two contenders, whose ranks were kept: the first against each later one, and so on. */
export function testPairs(contenders: readonly ContenderRuns[], options: RankBootstrapOptions): PairTest[] {
  const evaluations = contenders.map(({ runs }) => runs.map(({ evaluation }) => evaluation));
  return contenders.flatMap(({ name: first }, a) =>
    contenders.slice(a + 1).map(({ name: second }, offset) => {
      const { cutoff, ...metrics } = pairedBootstrap(
        evaluations[a] ?? [],
        evaluations[a + 1 + offset] ?? [],
        options,
      );
      return { first, second, cutoff, ...metrics };
    }),
  );
}
