import type { ProgramBuilder, Tensor } from '@gru4rec/program';
import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { cells, gruVariants } from '../../src/cells/registry.ts';
import type { Loss, LossInputs } from '../../src/losses/loss.ts';
import { losses } from '../../src/losses/registry.ts';
import { parseActivation } from '../../src/programs/activations.ts';

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

/** Constants of a loss; one that does not read a key ignores it. */
interface Options {
  readonly act: string;
  readonly smoothing: number;
  readonly hardNegatives?: number;
  readonly temperature?: number;
}

/** Expects the gradient of a loss with respect to the scores to match finite differences. */
function checkLoss(columns: Columns, { append }: Loss, options: Options): void {
  const { act, smoothing, hardNegatives = 0, temperature = 1 } = options;
  const constants = { bpreg: 1.3, smoothing, hardNegatives, temperature };
  const build = (b: ProgramBuilder, scores?: Tensor): Tensor => {
    const input = (name: string, rows: number, cols: number): Tensor =>
      b.input(name, { dtype: 'f32', rows, cols });
    const own = columns.own ? { own: input('own', N, B) } : {};
    const inputs: LossInputs = {
      ...{ scores: scores as Tensor, live: input('live', 1, B), weight: input('weight', N, 1) },
      ...own,
    };
    return append(b, inputs, { batchSize: 4, finalAct: parseActivation(act), ...constants });
  };
  checkGradient(build, [{ rows: N, cols: B }], { inputs: { ...columns, live } });
}

const finalActs = ['linear', 'relu', 'tanh', 'sigmoid', 'leaky-0.2', 'elu-0.5', 'selu-1.05-1.67'];

describe.each(Object.entries(losses))('%s has the gradient of its value', (_name, loss) => {
  const acts = loss.reads.includes('finalAct') ? finalActs : ['linear'];
  const smoothings = loss.reads.includes('smoothing') ? [0, 0.2] : [0];
  const options = acts.flatMap((act) => smoothings.map((smoothing) => ({ act, smoothing })));
  const items = loss.masksTarget ? everyItem : { weight: everyItem.weight };

  it.each(options)('over targets and samples, behind $act, smoothing $smoothing', (values) => {
    expect(() => checkLoss(sampled, loss, values)).not.toThrow();
  });

  it.each(options)('over every item, behind $act, smoothing $smoothing', (values) => {
    expect(() => checkLoss(items, loss, values)).not.toThrow();
  });

  if (!loss.reads.includes('hardNegatives')) return;
  it.each([1, 2, 3])('with %d hard negatives', (hardNegatives) => {
    const options = { act: 'linear', smoothing: 0, hardNegatives, temperature: 0.6 };
    expect(() => checkLoss(sampled, loss, options)).not.toThrow();
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
