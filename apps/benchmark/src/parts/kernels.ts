import { createWasmEngine } from '@gru4rec/engine-wasm';
import { adagrad, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { repeating, type Work } from '../measure.ts';

/** In the sizes of BPR-max: units, batch, and samples with the targets. */
const [H, B, N] = [224, 80, 2128];
/** Updated rows, rows of the table, and units, small enough to fit in a cache. */
const [UPDATED, ITEMS, UNITS] = [512, 1_000, 100];

const parameter = (b: ProgramBuilder, name: string, rows: number, cols: number): Tensor =>
  b.variable(name, 'parameter', rows, cols);
/** Outputs only one number of a product, so that nothing else is copied. */
const outputSum = (b: ProgramBuilder, product: Tensor): void => b.output('sum', b.sum(b.sum(product, 0), 1));

const programs = {
  /** [B, H] · [H, N] */
  rowsTimesMatrix: (b: ProgramBuilder): void => {
    outputSum(b, b.matmul(parameter(b, 'left', B, H), parameter(b, 'right', H, N)));
  },
  /** [B, N]ᵀ · [B, H] */
  columnsTimesRows: (b: ProgramBuilder): void => {
    const [left, right] = [parameter(b, 'left', B, N), parameter(b, 'right', B, H)];
    outputSum(b, b.matmul(left, right, { transposeA: true }));
  },
  adagradOnRows: (b: ProgramBuilder): void => {
    b.variable('table', 'table', ITEMS, UNITS);
    const indices = b.input('indices', { dtype: 'i32', rows: UPDATED, cols: 1 });
    const parts = [{ indices, rows: parameter(b, 'rows', UPDATED, UNITS) }];
    b.update('table', { kind: 'rows', parts }, adagrad({ momentum: 0.2 }), [b.constant(0.05)]);
  },
};

export function prepareKernel(name: keyof typeof programs): Work {
  const builder = new ProgramBuilder(name);
  programs[name](builder);
  const runtime = createWasmEngine({ threads: 1, relaxed: false }).load([builder.build()]);
  const random = new RandomStream(1, 'benchmark.kernels');
  for (const { name: variable, kind, rows, cols } of runtime.variables) {
    const values = Float32Array.from({ length: rows * cols }, () => random.nextFloat() - 0.5);
    if (kind === 'parameter') runtime.write(variable, values);
  }
  const indices = Int32Array.from({ length: UPDATED }, () => random.nextBelow(ITEMS));
  const inputs = name === 'adagradOnRows' ? { indices } : {};
  return repeating(() => runtime.run(name, inputs));
}
