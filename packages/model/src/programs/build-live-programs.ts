import { type Program, ProgramBuilder } from '@gru4rec/program';
import { hiddenState, outputBias, outputTable, scoreRows } from './forward.ts';
import type { StepConfig } from './step-config.ts';

/** What a live program is built for. */
export interface LiveProgramOptions {
  readonly name: string;
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Sessions of one run. */
  readonly slots: number;
}

/**
 * One more event in each slot, without scores: inputs `input` i32 [slots, 1], −1 in an idle slot, and `resetMask`
 * [slots, 1]; assigns the states, variables named `<name>.layer<l>.<state>`.
 */
export function buildAdvanceProgram({ name, config, itemCount, slots }: LiveProgramOptions): Program {
  const b = new ProgramBuilder(name);
  const input = b.input('input', { dtype: 'i32', rows: slots, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: slots, cols: 1 });
  hiddenState(b, { config, itemCount, slots, input, resetMask, statePrefix: `${name}.` });
  return b.build();
}

/** Scores of all items: input `hidden` [slots, H], the last layer's output; output `scores` [slots, I]. */
export function buildScoreAllProgram({ name, config, itemCount, slots }: LiveProgramOptions): Program {
  const b = new ProgramBuilder(name);
  const rows = { table: outputTable(b, config, itemCount), bias: outputBias(b, itemCount) };
  const hidden = b.input('hidden', { dtype: 'f32', rows: slots, cols: rows.table.cols });
  b.output('scores', scoreRows(b, config, hidden, rows));
  return b.build();
}

/**
 * Scores of some items for one session, at a cost that grows with them alone: inputs `hidden` [1, H] and `items`
 * i32 [count, 1], padded with −1; output `scores` [count, 1], meaningless where padded.
 */
export function buildScoreItemsProgram(
  { name, config, itemCount }: LiveProgramOptions,
  count: number,
): Program {
  const b = new ProgramBuilder(name);
  const items = b.input('items', { dtype: 'i32', rows: count, cols: 1 });
  const table = b.gather(outputTable(b, config, itemCount), items);
  const bias = b.gather(outputBias(b, itemCount), items);
  const hidden = b.input('hidden', { dtype: 'f32', rows: 1, cols: table.cols });
  b.output('scores', b.transpose(scoreRows(b, config, hidden, { table, bias })));
  return b.build();
}
