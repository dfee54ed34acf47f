import { Failure } from '../command-line.ts';

/**
 * Reads a Python pickle of whole numbers, lists and pairs. No other opcode is known, so no file can load a class or call anything.
 * @param path - for errors.
 * @throws Failure naming the first other opcode, or the end of a file that was cut.
 */
export function readPickle(bytes: Buffer, path: string): unknown {
  const stack: unknown[] = [];
  const marks: number[] = [];
  let at = 0;
  const refusal = (got: string): Failure =>
    new Failure(`field: ${path} expected a pickle of lists of numbers, got ${got}. Take the published file`);
  const take = (length: number): number => {
    at += length;
    if (at > bytes.length) throw refusal(`the end of the file at byte ${bytes.length}`);
    return length === 4 ? bytes.readInt32LE(at - 4) : bytes.readUIntLE(at - length, length);
  };
  const append = (values: readonly unknown[]): void => {
    const list = stack.at(-1);
    if (!Array.isArray(list)) throw refusal(`values without a list at byte ${at - 1}`);
    for (const value of values) list.push(value);
  };
  const steps: Readonly<Record<number, () => unknown>> = {
    [0x28]: () => marks.push(stack.length), // MARK
    [0x4a]: () => stack.push(take(4)), // BININT
    [0x4b]: () => stack.push(take(1)), // BININT1
    [0x4d]: () => stack.push(take(2)), // BININT2
    [0x5d]: () => stack.push([]), // EMPTY_LIST
    [0x61]: () => append(stack.splice(-1)), // APPEND
    [0x65]: () => append(stack.splice(marks.pop() ?? 0)), // APPENDS
    [0x71]: () => take(1), // BINPUT: a name for later references, which are refused
    [0x72]: () => take(4), // LONG_BINPUT
    [0x80]: () => take(1), // PROTO
    [0x86]: () => stack.push(stack.splice(-2)), // TUPLE2
  };
  for (let opcode = take(1); opcode !== 0x2e; opcode = take(1)) {
    const step = steps[opcode];
    if (!step) throw refusal(`opcode 0x${opcode.toString(16)} at byte ${at - 1}`);
    step();
  }
  if (stack.length !== 1) throw refusal(`${stack.length} values`);
  return stack[0];
}
