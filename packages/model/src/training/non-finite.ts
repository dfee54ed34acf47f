import type { Runtime } from '@gru4rec/program';

/** The loss became NaN or infinite; nothing of the run is kept. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';

  constructor(epoch: number, step: number, loss: number, lastFinite: number | undefined) {
    const last =
      lastFinite === undefined ? 'no step had a finite one' : `the last finite one was ${lastFinite}`;
    super(
      `train: the loss became ${loss} in epoch ${epoch}, step ${step}; ${last}. ` +
        'Lower learningRate or momentum, or set bpreg lower.',
    );
  }
}

/** A parameter or optimiser slot became NaN or infinite; nothing of the run is kept. */
export class NonFiniteParameterError extends Error {
  override readonly name = 'NonFiniteParameterError';

  constructor(variable: string, epoch: number, { row, value }: { row: number; value: number }) {
    super(
      `train: "${variable}" holds ${value} in row ${row} at the end of epoch ${epoch}, and no loss has shown it. ` +
        'Lower learningRate or momentum, or set gradCap.',
    );
  }
}

/**
 * Checks all parameters, tables and optimiser slots. A loss only shows values in the rows that its step scores.
 *
 * @param epoch - the epoch that has just ended, from 1; for the message.
 * @throws NonFiniteParameterError naming the first variable, row and value that is not finite in float32.
 */
export function checkFiniteVariables(runtime: Runtime, epoch: number): void {
  for (const { name, kind, cols } of runtime.variables) {
    if (kind === 'state' || kind === 'constant') continue;
    const values = runtime.read(name);
    const at = values.findIndex((value) => !Number.isFinite(Math.fround(value)));
    if (at < 0) continue;
    const value = values[at] ?? Number.NaN;
    throw new NonFiniteParameterError(name, epoch, { row: Math.floor(at / cols), value });
  }
}
