import type { Optimizer, RowGradient, Tensor } from '@gru4rec/program';
import { allOptimizers } from '../random-programs/optimizers.ts';
import { Trial } from './trial.ts';

/** An optimiser, and its label in the names of trials. */
interface LabelledOptimizer {
  readonly label: string;
  readonly optimizer: Optimizer;
}

/** Trials of every optimiser, to be run for several steps because accumulators and momentum carry over. */
export function updateTrials(): readonly { readonly name: string; readonly trial: Trial }[] {
  const sizes = [
    [1, 1],
    [7, 18],
    [33, 16],
  ] as const;
  const all = Object.entries(allOptimizers()).map(([label, optimizer]) => ({ label, optimizer }));
  return all.flatMap((trained) => [
    ...sizes.map(([rows, cols]) => denseTrial(rows, cols, trained)),
    ...[1, 16, 18].map((cols) => rowTrial(cols, trained)),
    missingRowsTrial(trained),
    trainingTrial(trained),
  ]);
}

/** A learning rate of 0.05, and other scalars of 1.5 and more. */
function scalars(trial: Trial, { scalars: names }: Optimizer): Tensor[] {
  return names.map((name, i) =>
    trial.input({ dtype: 'f32', rows: 1, cols: 1 }, name === 'learningRate' ? 0.05 : 1.5 + i / 4),
  );
}

function denseTrial(
  rows: number,
  cols: number,
  { label, optimizer }: LabelledOptimizer,
): { name: string; trial: Trial } {
  const trial = new Trial(`dense-${rows}-${cols}-${label}`);
  const w = trial.variable('w', 'parameter', rows, cols);
  const tensor = trial.builder.add(w, trial.uniform(rows, cols));
  trial.builder.update('w', { kind: 'dense', tensor }, optimizer, scalars(trial, optimizer));
  trial.check('w before the step', w);
  return { name: `dense [${rows}, ${cols}], ${label}`, trial };
}

/** Row gradients with duplicates within and across parts, −1, untouched rows, and a part whose rows are a product. */
function rowTrial(cols: number, { label, optimizer }: LabelledOptimizer): { name: string; trial: Trial } {
  const trial = new Trial(`rows-${cols}-${label}`);
  const b = trial.builder;
  const indexInput = (...values: number[]): Tensor =>
    trial.input({ dtype: 'i32', rows: values.length, cols: 1 }, Int32Array.from(values));
  trial.variable('table', 'table', 9, cols);
  const scores = trial.uniform(5, 6);
  const parts: RowGradient[] = [
    { indices: indexInput(4, -1, 4, 0, 8, 2, 4), rows: trial.uniform(7, cols) },
    {
      indices: indexInput(2, 7, -1, 4, 7, 0),
      rows: b.matmul(scores, trial.uniform(5, cols), { transposeA: true }),
    },
    { indices: indexInput(8), rows: trial.uniform(1, cols) },
  ];
  b.update('table', { kind: 'rows', parts }, optimizer, scalars(trial, optimizer));
  return { name: `rows of [9, ${cols}], ${label}`, trial };
}

function missingRowsTrial({ label, optimizer }: LabelledOptimizer): { name: string; trial: Trial } {
  const trial = new Trial(`missing-${label}`);
  trial.variable('table', 'table', 5, 6);
  const indices = trial.input({ dtype: 'i32', rows: 3, cols: 1 }, Int32Array.of(-1, -1, -1));
  const parts = [{ indices, rows: trial.uniform(3, 6) }];
  trial.builder.update('table', { kind: 'rows', parts }, optimizer, scalars(trial, optimizer));
  return { name: `rows that are all −1, ${label}`, trial };
}

/** Gradients from differentiation: of a table that is gathered twice, of a bias and of a dense matrix. */
function trainingTrial({ label, optimizer }: LabelledOptimizer): { name: string; trial: Trial } {
  const trial = new Trial(`training-${label}`);
  const b = trial.builder;
  const table = trial.variable('table', 'table', 20, 10);
  const bias = trial.variable('bias', 'table', 20, 1);
  const weights = trial.variable('weights', 'parameter', 10, 10);
  const columns = trial.indices(13, 20);
  const hidden = b.tanh(b.matmul(b.gather(table, trial.indices(6, 20)), weights));
  const products = b.matmul(hidden, b.gather(table, columns), { transposeB: true });
  const scores = b.add(products, b.transpose(b.gather(bias, columns)));
  const loss = b.sum(b.sum(b.sigmoid(scores), 1), 0);
  for (const [name, gradient] of b.gradients(loss)) {
    b.update(name, gradient, optimizer, scalars(trial, optimizer));
  }
  trial.check('loss', loss);
  return { name: `a small training step, ${label}`, trial };
}
