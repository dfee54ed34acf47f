import type { ProgramBuilder, Tensor } from '@gru4rec/program';
import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { cells, gruVariants } from '../../src/cells/registry.ts';
import { type LossName, losses } from '../../src/losses/registry.ts';
import { parseActivation } from '../../src/programs/activations.ts';
import { type AppendLoss, finalActs, lossInputs, lossWith } from '../losses/loss-cases.ts';

/** B slots, the last one without a session, and N columns of the losses below. */
const [B, N] = [3, 7];

/** The columns of a loss: their weights and, with every item, the slots' own columns. */
interface Columns {
  readonly weight: Float32Array;
  readonly own?: Float32Array;
}

/** Targets and four samples, one with weight 3. */
const sampled: Columns = { weight: Float32Array.of(1, 1, 0, 1, 1, 3, 1) };

/** Targets with weight 0, and four items: the second is the target of both live slots; the third slot has none. */
const everyItem: Columns = {
  weight: Float32Array.of(0, 0, 0, 1, 1, 1, 1),
  own: Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
};

const live = Float32Array.of(1, 1, 0);

/** Expects the gradient of a loss with respect to the scores to match finite differences. */
function checkLoss(columns: Columns, loss: AppendLoss): void {
  const shape = { rows: N, cols: B };
  const build = (b: ProgramBuilder, scores?: Tensor): Tensor =>
    loss(b, { scores: scores as Tensor, ...lossInputs(b, shape, Object.keys(columns)) });
  checkGradient(build, [shape], { inputs: { ...columns, live } });
}

describe.each(Object.keys(losses) as LossName[])('%s has the gradient of its value', (name) => {
  const loss = losses[name];
  const acts = loss.reads.includes('finalAct') ? finalActs : ['linear'];
  const smoothings = loss.reads.includes('smoothing') ? [0, 0.2] : [0];
  const options = acts.flatMap((finalAct) =>
    smoothings.map((smoothing) => ({ finalAct, smoothing, bpreg: 1.3 })),
  );
  const items = loss.masksTarget ? everyItem : { weight: everyItem.weight };

  it.each(options)('over targets and samples, behind $finalAct, smoothing $smoothing', (values) => {
    expect(() => checkLoss(sampled, lossWith(name, values))).not.toThrow();
  });

  it.each(options)('over every item, behind $finalAct, smoothing $smoothing', (values) => {
    expect(() => checkLoss(items, lossWith(name, values))).not.toThrow();
  });

  if (!loss.reads.includes('hardNegatives')) return;
  it.each([1, 2, 3])('with %d hard negatives', (hardNegatives) => {
    const options = { hardNegatives, temperature: 0.6 };
    expect(() => checkLoss(sampled, lossWith(name, options))).not.toThrow();
  });
});

describe('cells have the gradient of their value', () => {
  /** B slots, E inputs, H units. */
  const [B, E, H] = [2, 3, 4];

  const all = Object.entries({ ...cells, ...gruVariants });

  describe.each(all)('%s', (_name, cell) => {
    const names = [...cell.gates.map((g) => `W${g}`), ...cell.recurrent, ...cell.biases];
    const shapes = [
      { rows: B, cols: E },
      ...cell.states.map(() => ({ rows: B, cols: H })),
      ...cell.gates.map(() => ({ rows: E, cols: H })),
      ...cell.recurrent.map(() => ({ rows: H, cols: H })),
      ...cell.biases.map(() => ({ rows: 1, cols: H })),
    ];

    it.each(['tanh', 'relu', 'elu-0.5'])('with hiddenAct %s', (hiddenAct) => {
      const build = (b: ProgramBuilder, x?: Tensor, ...own: Tensor[]): Tensor => {
        const states = own.slice(0, cell.states.length);
        const parameters = own.slice(cell.states.length);
        const parameter = (name: string): Tensor => parameters[names.indexOf(name)] as Tensor;
        const next = cell.forward(b, {
          project: (weight) => b.matmul(x as Tensor, parameter(weight)),
          state: (name) => states[cell.states.indexOf(name)] as Tensor,
          parameter,
          hiddenAct: parseActivation(hiddenAct),
        });
        const squares = next.map((state) => b.sum(b.sum(b.tanh(b.multiply(state, state)), 0), 1));
        return squares.reduce((sum, x) => b.add(sum, x));
      };
      expect(() => checkGradient(build, shapes)).not.toThrow();
    });
  });
});
