import { type Program, ProgramBuilder } from '@gru4rec/program';
import { hiddenState, outputBias, outputTable, scoreRows } from './forward.ts';
import type { StepConfig } from './step-config.ts';

/** What a program that is served elsewhere is built for. */
export interface ServeProgramOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Sessions of one run. */
  readonly slots: number;
}

/**
 * Scores of all items after one more event in each slot, for a server that keeps the states: input `item` i32
 * [slots, 1], −1 where the model does not know it; output `scores` [slots, I], passed through `finalAct` for losses that train
 * behind it; assigns the states, variables named `layer<l>.<state>`, which are zeros at the start of a session.
 */
export function buildServeProgram({ config, itemCount, slots }: ServeProgramOptions): Program {
  const b = new ProgramBuilder('serve');
  const input = b.input('item', { dtype: 'i32', rows: slots, cols: 1 });
  const hidden = hiddenState(b, { config, itemCount, slots, input, statePrefix: '' });
  const rows = { bias: outputBias(b, itemCount), table: outputTable(b, config, itemCount) };
  b.output('scores', scoreRows(b, config, hidden, rows));
  return b.build();
}
