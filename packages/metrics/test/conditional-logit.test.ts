import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { type Choice, conditionalLogit, minimize } from '../src/conditional-logit.ts';

/** Rows of features as sparse choices. */
function choiceOf(rows: readonly (readonly number[])[], chosen: number): Choice {
  const cells = rows.map((row) => [...row.entries()].filter(([, value]) => value !== 0));
  return {
    ends: Int32Array.from(cells, (_, i) => cells.slice(0, i + 1).flat().length),
    columns: Uint16Array.from(cells.flat(), ([column]) => column),
    values: Float64Array.from(cells.flat(), ([, value]) => value),
    chosen,
  };
}

describe('conditionalLogit', () => {
  const random = new RandomStream(4, 'test.logit');
  const rows = Array.from({ length: 12 }, () =>
    Array.from({ length: 2 + random.nextBelow(4) }, () =>
      Array.from({ length: 5 }, () => (random.nextFloat() < 0.4 ? 0 : random.nextNormal())),
    ),
  );
  const choices = rows.map((row) => choiceOf(row, random.nextBelow(row.length)));
  const x = [0.3, -0.2, 0.1, 0.4, 1.3];
  const at = (point: readonly number[]) =>
    conditionalLogit(choices, Float64Array.from(point), (y, gradient, hessian) => {
      gradient[0] += 3 * y[0];
      hessian[0] += 3;
      return 1.5 * y[0] ** 2;
    });
  const moved = (k: number, by: number) => x.map((old, i) => (i === k ? old + by : old));

  it('is the formula, with the derivatives of finite differences', () => {
    const expected = rows.reduce(
      (sum, row, click) => {
        const logits = row.map((features) => features.reduce((all, value, k) => all + value * x[k]!, 0));
        const total = logits.reduce((all, logit) => all + Math.exp(logit), 0);
        return sum + Math.log(total) - logits[choices[click]!.chosen]!;
      },
      1.5 * 0.3 ** 2,
    );
    const { value, gradient, hessian } = at(x);
    expect(value).toBeCloseTo(expected, 9);
    const slopes = x.map((_, k) => (at(moved(k, 1e-5)).value - at(moved(k, -1e-5)).value) / 2e-5);
    expect([...gradient]).toEqual(slopes.map((slope) => expect.closeTo(slope, 5)));
    const curves = x.flatMap((_, k) => {
      const [up, down] = [at(moved(k, 1e-5)).gradient, at(moved(k, -1e-5)).gradient];
      return Array.from(up, (slope, l) => (slope - down[l]!) / 2e-5);
    });
    expect([...hessian]).toEqual(curves.map((curve) => expect.closeTo(curve, 4)));
  });

  it('is least where its gradient is 0', () => {
    const least = minimize(
      (point) => at([...point]),
      Float64Array.from(x),
      () => true,
    );
    expect([...at([...least]).gradient]).toEqual(x.map(() => expect.closeTo(0, 4)));
  });
});
