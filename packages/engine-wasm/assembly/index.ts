import { ARGUMENTS, dispatch, OP_BYTES } from './generated/dispatch';
import { takeShare } from './share';

export * from './generated/dispatch';
export { startThread } from './share';

/** Runs this thread's share of ops from … to − 1 of the list. */
export function run(list: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const op = list + <usize>OP_BYTES * i;
    if (takeShare(load<i32>(op, 4))) dispatch(load<i32>(op), op + ARGUMENTS);
  }
}
