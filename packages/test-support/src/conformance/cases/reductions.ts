import { shapes } from '../trial.ts';
import type { OpCase } from './activations.ts';

export const sum: OpCase = (trial) => {
  for (const { rows, cols } of [...shapes, { rows: 33, cols: 130 }, { rows: 130, cols: 5 }]) {
    const x = trial.uniform(rows, cols);
    trial.check(`rows of [${rows}, ${cols}]`, trial.builder.sum(x, 0));
    trial.check(`columns of [${rows}, ${cols}]`, trial.builder.sum(x, 1));
  }
};

/** Only negative values, so that padding with zeros would show. */
export const max: OpCase = (trial) => {
  for (const { rows, cols } of shapes) {
    const x = trial.uniform(rows, cols, -5, -1);
    trial.check(`rows of [${rows}, ${cols}]`, trial.builder.max(x, 0));
    trial.check(`columns of [${rows}, ${cols}]`, trial.builder.max(x, 1));
  }
};

export const broadcast: OpCase = (trial) => {
  for (const { rows, cols } of shapes) {
    const target = `to [${rows}, ${cols}]`;
    if (rows > 1) trial.check(`row ${target}`, trial.builder.broadcast(trial.uniform(1, cols), rows, cols));
    if (cols > 1)
      trial.check(`column ${target}`, trial.builder.broadcast(trial.uniform(rows, 1), rows, cols));
    if (rows > 1 && cols > 1) {
      trial.check(`scalar ${target}`, trial.builder.broadcast(trial.uniform(1, 1), rows, cols));
    }
  }
};

export const stopGradient: OpCase = (trial) => {
  for (const { rows, cols } of shapes) {
    trial.check(`[${rows}, ${cols}]`, trial.builder.stopGradient(trial.uniform(rows, cols)));
  }
};
