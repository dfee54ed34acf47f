import { composeRegion, type Graph, type IdSource } from '../graph.ts';
import type { Region } from '../program.ts';
import type { Attributes, Shape, Tensor } from '../tensor.ts';

/**
 * An optimiser as a forward program over one value and its gradient.
 *
 * With row gradients it updates only the touched rows, after the gradients of equal rows have been summed. Rows
 * that a step does not touch keep their value, averages and momentum, and do not decay ("lazy" or row-sparse).
 */
export interface Optimizer {
  readonly name: string;
  /** Suffixes of the state it keeps for each variable, each of the variable's shape, starting at 0. */
  readonly slots: readonly string[];
  /** Names of the [1, 1] tensors its region takes after the slots; the first is `learningRate`. */
  readonly scalars: readonly string[];
  /** Values of the scalars after `learningRate` by name. @param step - counts the steps of the run from 1. */
  scalarsAt(step: number): Readonly<Record<string, number>>;
  /** The update region [value, gradient, ...slots, ...scalars] → [value', ...slots'] for one shape. */
  compose(ids: IdSource, shape: Shape): Region;
}

/** Constants of all optimisers; each reads its own. */
export interface OptimizerOptions {
  /** μ in [0, 1), 0 if not given. Above 0 the optimiser keeps a slot `mom`. */
  readonly momentum: number;
  /** λ ≥ 0, 0 if not given: λ·θ is added to the adapted gradient (decoupled; `lmbd` of GRU4Rec). */
  readonly weightDecay: number;
  /** ρ in [0, 1) of a moving average of squares. */
  readonly decay: number;
  /** β₁ and β₂ in [0, 1). */
  readonly beta1: number;
  readonly beta2: number;
  /** ε; the optimiser's default if not given. */
  readonly epsilon?: number;
}

/** Options of every optimiser with momentum. */
export type DescentOptions = Partial<Pick<OptimizerOptions, 'momentum' | 'weightDecay'>>;

/** Options of an adaptive optimiser that has these constants. */
export type AdaptiveOptions<Own extends keyof OptimizerOptions> = Pick<OptimizerOptions, Own | 'epsilon'> &
  Partial<Pick<OptimizerOptions, 'weightDecay'>>;

export interface AdaptRule<Slot extends string, Scalar extends string> {
  readonly name: string;
  readonly momentum: number;
  readonly weightDecay: number;
  /** All other constants; with those two they identify the region. */
  readonly constants: Attributes;
  readonly slots: readonly Slot[];
  readonly scalars: readonly Scalar[];
  /** Values of these scalars at a step, from 1; absent without scalars. */
  readonly scalarsAt?: (step: number) => Readonly<Record<Scalar, number>>;
  /** @returns η·d as `scaled`, and the next value of every slot. */
  readonly adapt: (
    g: Graph,
    gradient: Tensor,
    state: Readonly<Record<Slot | Scalar | 'learningRate', Tensor>>,
  ) => { readonly scaled: Tensor; readonly next: Readonly<Record<Slot, Tensor>> };
}

const MOMENTUM_SLOT = 'mom';
const scalarShape: Shape = { dtype: 'f32', rows: 1, cols: 1 };

/** The optimiser of a rule: Δ = −η·(d + λ·θ); with momentum mom' = μ·mom + Δ, θ' = θ + mom', else θ' = θ + Δ. */
export function createOptimizer<Slot extends string, Scalar extends string>(
  rule: AdaptRule<Slot, Scalar>,
): Optimizer {
  const { name, momentum, weightDecay } = rule;
  const hasMomentum = momentum > 0;
  const slots = hasMomentum ? [...rule.slots, MOMENTUM_SLOT] : rule.slots;
  const scalars = ['learningRate', ...rule.scalars];
  const attributes = { ...rule.constants, momentum, weightDecay };
  return {
    name,
    slots,
    scalars,
    scalarsAt: (step) => rule.scalarsAt?.(step) ?? {},
    compose(ids, shape) {
      const shapes = [shape, shape, ...slots.map(() => shape), ...scalars.map(() => scalarShape)];
      return composeRegion(ids, name, attributes, shapes, (g, ...inputs) => {
        const [value, gradient, ...rest] = inputs as [Tensor, Tensor, ...Tensor[]];
        const named = [...slots, ...scalars].map((key, i) => [key, rest[i]]);
        const state: Record<Slot | Scalar | 'learningRate' | typeof MOMENTUM_SLOT, Tensor> =
          Object.fromEntries(named);
        const { scaled, next } = rule.adapt(g, gradient, state);
        const adapted = rule.slots.map((slot) => next[slot]);
        const step = decayed(g, scaled, value, { weightDecay, learningRate: state.learningRate });
        if (!hasMomentum) return [g.subtract(value, step), ...adapted];
        const velocity = g.subtract(g.affine(state[MOMENTUM_SLOT], momentum, 0), step);
        return [g.add(value, velocity), ...adapted, velocity];
      });
    },
  };
}

/** η·(d + λ·θ) from η·d; nothing is appended for λ = 0. */
function decayed(
  g: Graph,
  scaled: Tensor,
  value: Tensor,
  { weightDecay, learningRate }: { weightDecay: number; learningRate: Tensor },
): Tensor {
  if (weightDecay === 0) return scaled;
  return g.add(scaled, g.multiply(g.affine(value, weightDecay, 0), learningRate));
}

export function movingAverage(g: Graph, average: Tensor, x: Tensor, decay: number): Tensor {
  return g.add(g.affine(average, decay, 0), g.affine(x, 1 - decay, 0));
}
