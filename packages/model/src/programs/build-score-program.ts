import { type Program, ProgramBuilder } from '@gru4rec/program';
import { hiddenState, outputBias, outputTable, scoreRows } from './forward.ts';
import type { StepConfig } from './step-config.ts';

/**
 * Scores of all items after one more event in each slot: inputs `input` i32 [slots, 1], `resetMask`
 * [slots, 1]; output `scores` [slots, I], passed through `finalAct` for losses that train behind it.
 * States are variables named `<name>.layer<l>.h`.
 */
export function buildScoreProgram(
  config: StepConfig,
  itemCount: number,
  slots: number,
  name = 'score',
): Program {
  const b = new ProgramBuilder(name);
  const input = b.input('input', { dtype: 'i32', rows: slots, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: slots, cols: 1 });
  const hidden = hiddenState(b, { config, itemCount, slots, input, resetMask, statePrefix: `${name}.` });
  const rows = { bias: outputBias(b, itemCount), table: outputTable(b, config, itemCount) };
  b.output('scores', scoreRows(b, config, hidden, rows));
  return b.build();
}
