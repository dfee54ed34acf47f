import { Failure } from '../command-line.ts';

/** Whole numbers, and lists and tuples of them. */
export type Pickled = number | readonly Pickled[];

/**
 * Reads a Python pickle of numbers, lists and tuples. Nothing else is read, so that no file can load a class or call a function.
 * @param path - for errors.
 * @throws Failure naming the first opcode of anything else, or the end of a file that was cut.
 */
export function readPickle(bytes: Buffer, path: string): Pickled {
  const stack: Pickled[] = [];
  const marks: number[] = [];
  let at = 0;
  const refusal = (got: string): Failure => {
    const expected = 'a pickle of lists of whole numbers, which needs no class or function';
    return new Failure(`field: ${path} expected ${expected}, got ${got}. Take the published file as it is`);
  };
  const take = (length: number): number => {
    at += length;
    if (at > bytes.length) throw refusal(`its end after ${bytes.length} bytes`);
    return length === 4
      ? bytes.readInt32LE(at - 4)
      : length === 0
        ? 0
        : bytes.readUIntLE(at - length, length);
  };
  const sinceMark = (): Pickled[] => stack.splice(marks.pop() ?? stack.length);
  const append = (values: readonly Pickled[]): void => {
    const list = stack.at(-1);
    if (!Array.isArray(list)) throw refusal(`something to append to no list at byte ${at - 1}`);
    for (const value of values) list.push(value);
  };
  const steps: Readonly<Record<number, () => void>> = {
    [0x28]: () => void marks.push(stack.length), // MARK
    [0x4a]: () => void stack.push(take(4)), // BININT
    [0x4b]: () => void stack.push(take(1)), // BININT1
    [0x4d]: () => void stack.push(take(2)), // BININT2
    [0x5d]: () => void stack.push([]), // EMPTY_LIST
    [0x61]: () => append(stack.splice(-1)), // APPEND
    [0x65]: () => append(sinceMark()), // APPENDS
    [0x71]: () => void take(1), // BINPUT: for later references, which are not read
    [0x72]: () => void take(4), // LONG_BINPUT
    [0x74]: () => void stack.push(sinceMark()), // TUPLE
    [0x80]: () => void take(1), // PROTO
    [0x86]: () => void stack.push(stack.splice(-2)), // TUPLE2
    [0x94]: () => undefined, // MEMOIZE
    [0x95]: () => void [take(4), take(4)], // FRAME
  };
  for (let opcode = take(1); opcode !== 0x2e; opcode = take(1)) {
    const step = steps[opcode];
    if (!step) throw refusal(`opcode 0x${opcode.toString(16)} at byte ${at - 1}`);
    step();
  }
  const [value, ...others] = stack;
  if (value === undefined || others.length > 0) throw refusal(`${stack.length} values`);
  return value;
}
