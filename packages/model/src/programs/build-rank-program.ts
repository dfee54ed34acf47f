import { type Program, ProgramBuilder } from '@gru4rec/program';
import { hiddenState, outputBias, outputTable, scoreColumns } from './forward.ts';
import type { StepConfig } from './step-config.ts';

/** What a program that ranks is built for. */
export interface RankProgramOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  readonly slots: number;
  /** Length of the lists. */
  readonly k: number;
  /** `rank` if not given. */
  readonly name?: string;
}

/**
 * Where the next item of each slot stands among all items after one more event, without handing out scores: inputs
 * `input` and `target` i32 [slots, 1], −1 in an idle slot, and `resetMask` [slots, 1]; outputs `counts` [2, slots],
 * items of a greater and of the same score (see the op `rank-counts`), and `top` i32 [k, slots], the best items.
 * States are variables named `<name>.layer<l>.h`.
 */
export function buildRankProgram({
  config,
  itemCount,
  slots,
  k,
  name = 'rank',
}: RankProgramOptions): Program {
  const b = new ProgramBuilder(name);
  const input = b.input('input', { dtype: 'i32', rows: slots, cols: 1 });
  const target = b.input('target', { dtype: 'i32', rows: slots, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: slots, cols: 1 });
  const hidden = hiddenState(b, { config, itemCount, slots, input, resetMask, statePrefix: `${name}.` });
  const rows = { bias: outputBias(b, itemCount), table: outputTable(b, config, itemCount) };
  const scores = scoreColumns(b, config, hidden, rows);
  b.output('counts', b.rankCounts(scores, target));
  b.output('top', b.topIndices(scores, k, target));
  return b.build();
}
