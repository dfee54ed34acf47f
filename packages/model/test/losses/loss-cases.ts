import type { Graph, ProgramBuilder, Tensor } from '@gru4rec/program';
import type { LossInputs, LossOptions } from '../../src/losses/loss.ts';
import { type LossName, losses } from '../../src/losses/registry.ts';
import { parseActivation } from '../../src/programs/activations.ts';

export type LossValues = Partial<Omit<LossOptions, 'finalAct'>> & { readonly finalAct?: string };
export type AppendLoss = (graph: Graph, inputs: LossInputs) => Tensor;

export const finalActs = ['linear', 'relu', 'tanh', 'sigmoid', 'leaky-0.2', 'elu-0.5', 'selu-1.05-1.67'];

/** A loss with these options; the others are 0 and linear, and the batch size is the number of slots. */
export const lossWith =
  (name: LossName, { finalAct = 'linear', ...values }: LossValues = {}): AppendLoss =>
  (graph, inputs) =>
    losses[name].append(graph, inputs, {
      ...{ batchSize: inputs.live.cols, bpreg: 0, smoothing: 0, temperature: 1, hardNegatives: 0, ...values },
      finalAct: parseActivation(finalAct),
    });

/** The inputs of a loss beside the scores [rows, cols], as inputs of a program. */
export function lossInputs(
  b: ProgramBuilder,
  { rows, cols }: { readonly rows: number; readonly cols: number },
  also: readonly string[] = [],
): Omit<LossInputs, 'scores'> {
  const input = (name: string, rows: number, cols: number) => b.input(name, { dtype: 'f32', rows, cols });
  return {
    ...{ weight: input('weight', rows, 1), live: input('live', 1, cols) },
    ...(also.includes('correction') && { correction: input('correction', rows, 1) }),
    ...(also.includes('own') && { own: input('own', rows, cols) }),
  };
}
