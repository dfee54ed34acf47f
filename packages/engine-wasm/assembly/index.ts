import { dispatch } from './dispatch';

export * from './dispatch';
export { ADD, AFFINE, COPY, DIVIDE, ELU, EXP, LEAKY_RELU, LOG, MULTIPLY, RELU, SIGMOID, SQRT, STEP, SUBTRACT, TANH } from './elementwise';
export { INIT_SPLAT, INIT_VECTOR } from './products';
export { ROW_BLOCK } from './rows';

/** Bytes an op takes in the list: its number and up to 23 arguments. */
export const OP_BYTES: i32 = 96;

/** Runs ops from … to − 1 of the list. */
export function run(list: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const op = list + <usize>OP_BYTES * i;
    dispatch(load<i32>(op), op + 4);
  }
}
