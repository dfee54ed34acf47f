import { dispatch } from './dispatch';
import { takeShare } from './share';

export * from './dispatch';
export { BPR_MAX_PART } from './bpr-max';
export { CROSS_ENTROPY_PART } from './cross-entropy';
export { ADD, AFFINE, COPY, DIVIDE, ELU, EXP, LEAKY_RELU, LOG, MULTIPLY, RELU, SIGMOID, SQRT, STEP, SUBTRACT, TANH } from './elementwise';
export { INIT_SPLAT, INIT_VECTOR } from './products';
export { RANK_PART, RANK_PRODUCT_ROWS, RANK_PRODUCT_SLOT } from './ranking';
export { ROW_BLOCK } from './rows';
export { startThread } from './share';

/** Bytes an op takes in the list: its number, its share, and up to 22 arguments. */
export const OP_BYTES: i32 = 96;

/** Runs this thread's share of ops from … to − 1 of the list. */
export function run(list: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const op = list + <usize>OP_BYTES * i;
    if (takeShare(load<i32>(op, 4))) dispatch(load<i32>(op), op + 8);
  }
}
