import { describe, expect, it } from 'vitest';
import { readPickle } from '../../src/field/pickle.ts';

const read = (bytes: Buffer | readonly number[]) => readPickle(Buffer.from(bytes), 'test.txt');
const refused = (got: string) =>
  `field: test.txt expected a pickle of lists of numbers, got ${got}. Take the published file`;

describe('readPickle', () => {
  it('reads what Python writes of lists of numbers', () => {
    // pickle.dumps(([[1, 300], [70000]], [-2]), 3)
    const hex = '80035d7100285d7101284b014d2c01655d71024a7011010061655d71034afeffffff618671042e';
    expect(read(Buffer.from(hex, 'hex'))).toEqual([[[1, 300], [70_000]], [-2]]);
  });

  it.each([
    ['GLOBAL', [0x80, 3, ...Buffer.from('cos\nsystem\n'), 0x2e], 'opcode 0x63 at byte 2'],
    ['REDUCE', [0x80, 3, 0x5d, 0x5d, 0x52, 0x2e], 'opcode 0x52 at byte 4'],
    ['a file that was cut', [0x80, 3, 0x5d, 0x4d, 1], 'the end of the file at byte 5'],
    ['values without a list', [0x4b, 1, 0x4b, 2, 0x61, 0x2e], 'values without a list at byte 4'],
    ['nothing', [0x80, 3, 0x2e], '0 values'],
  ])('refuses %s', (_, bytes, got) => {
    expect(() => read(bytes)).toThrow(refused(got));
  });
});
