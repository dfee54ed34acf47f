import type { Engine } from '@gru4rec/program';
import { expectExactTop, expectGroupedTop, groupedShapes, scoredTables } from '@gru4rec/test-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WasmEngineOptions } from '../src/index.ts';

/** Tests lists by screening and of groups of rows, on random tables. */
export function testScreening(
  name: string,
  createEngine: (options: WasmEngineOptions) => Engine,
  { tables, units }: { readonly tables: number; readonly units: number },
): void {
  describe(`screening on ${name}`, () => {
    it('lists the rows that float32 scores list', () => {
      const screened = createEngine({ screenFrom: 0 });
      const whole = createEngine({ screenFrom: Number.POSITIVE_INFINITY });
      const check = fc.property(scoredTables, (given) => expectExactTop(screened, whole, given));
      expect(() => fc.assert(check, { numRuns: tables })).not.toThrow();
    });

    it.each(groupedShapes.filter((shape) => shape.units <= units))(
      'lists the rows of groups: %o',
      (shape) => {
        expect(() => expectGroupedTop(createEngine({ screenFrom: 0, groupFrom: 1 }), shape)).not.toThrow();
      },
    );
  });
}
