import { ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { freeSlots } from '../src/free-slots.ts';

const building =
  (cols: (slots: number) => number, append: (b: ProgramBuilder, slots: number) => void) =>
  (slots: number) => {
    const b = new ProgramBuilder('test');
    b.input('x', { dtype: 'f32', rows: slots, cols: cols(slots) });
    append(b, slots);
    return b.build();
  };

describe('freeSlots', () => {
  it.each([1, 2, 3, 7])('frees the rows and keeps %s columns', (cols) => {
    const { program, extents } = freeSlots(
      building(
        () => cols,
        () => {},
      ),
    );
    expect(extents(program.inputs['x']!)).toEqual(['batch', cols]);
  });

  it('refuses an extent other than the number of slots', () => {
    expect(() =>
      freeSlots(
        building(
          (slots) => 2 * slots,
          () => {},
        ),
      ),
    ).toThrow('freeSlots: extent expected a constant or the number of slots, got 4 and 6 for 2 and 3 slots');
  });

  it('refuses a constant that depends on the number of slots', () => {
    const build = building(
      () => 1,
      (b, slots) => b.output('y', b.constant(slots)),
    );
    expect(() => freeSlots(build)).toThrow(
      /^freeSlots: node 0 expected constant .* for any number of slots, got constant /,
    );
  });

  it('refuses a program with more nodes for more slots', () => {
    const build = building(
      () => 1,
      (b, slots) => b.output('y', slots === 2 ? b.constant(1) : b.tanh(b.constant(1))),
    );
    expect(() => freeSlots(build)).toThrow(/^freeSlots: node 1 expected nothing .* got tanh /);
  });
});
