import type { StepGraph, Tensor } from '@gru4rec/program';
import type { StepConfig } from './step-config.ts';

/** The parameters of the repeat bias: c [1, K], and V [H, K] if it is gated. */
export const repeatVariables = { bias: 'repeat.c', gate: 'repeat.V' } as const;

/** What the repeat bias adds to scores. */
export interface Repeats {
  /** i32 [B, K]: the last distinct items of each slot's session, the most recent first; −1 where there are fewer. */
  readonly history: Tensor;
  /** ρ of each place of the history: [1, K], or gated [B, K]. */
  readonly values: Tensor;
  /** i32 [N, 1]: the items that are scored; all if not given. */
  readonly items?: Tensor | undefined;
}

/** K, the items of a session that its scores depend on directly; 0 without a repeat bias. */
export function historyLength({ repeatBias, repeatLength }: StepConfig): number {
  return repeatBias === 'none' ? 0 : repeatLength;
}

/** K of the training programs, which train without a bias that is fitted later. */
export function trainedHistoryLength(config: StepConfig): number {
  return config.repeatBias === 'auto' ? 0 : historyLength(config);
}

/**
 * Declares the variables of a bias that no step changes, so that models and snapshots have them: c of `auto`. A step
 * neither reads c nor has an optimiser slot for it.
 */
export function declareFittedBias(b: StepGraph, config: StepConfig): void {
  if (config.repeatBias === 'auto') b.variable(repeatVariables.bias, 'parameter', 1, config.repeatLength);
}

/** ρ = c, or gated by the last layer's output h [B, H]: ρ(h) = h·V + c. */
function repeatValues(b: StepGraph, config: StepConfig, hidden: Tensor): Tensor {
  const c = b.variable(repeatVariables.bias, 'parameter', 1, config.repeatLength);
  if (config.repeatBias !== 'gated') return c;
  const gate = b.variable(repeatVariables.gate, 'parameter', hidden.cols, config.repeatLength);
  return b.add(b.matmul(hidden, gate), c);
}

/**
 * The repeat bias of some slots; undefined if the configuration has none.
 *
 * @param history - undefined without a repeat bias.
 */
export function repeatsOf(
  b: StepGraph,
  config: StepConfig,
  hidden: Tensor,
  history: Tensor | undefined,
): Repeats | undefined {
  return history && { history, values: repeatValues(b, config, hidden) };
}
