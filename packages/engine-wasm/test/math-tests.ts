import { type Graph, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWasmEngine, type WasmEngineOptions } from '../src/index.ts';

const CHUNK = 1 << 16;
/** The build under test. */
let build: WasmEngineOptions = {};

/** Every n-th float32 in [low, high]; n is a prime, so that all exponents meet all mantissas. */
function sweep(n: number, low: number, high: number): Float32Array {
  const bits = Uint32Array.from({ length: Math.ceil(2 ** 32 / n) }, (_, i) => i * n);
  return new Float32Array(bits.buffer).filter((x) => x >= low && x <= high);
}

/** The values of the kernel, from a program with only its op. */
function evaluate(op: (graph: Graph, x: Tensor) => Tensor, xs: Float32Array): Float32Array {
  const b = new ProgramBuilder('f');
  b.output('y', op(b, b.input('x', { dtype: 'f32', rows: 1, cols: CHUNK })));
  const runtime = createWasmEngine(build).load([b.build()]);
  const ys = new Float32Array(xs.length);
  const x = new Float32Array(CHUNK);
  for (let from = 0; from < xs.length; from += CHUNK) {
    const part = xs.subarray(from, from + CHUNK);
    x.set(part);
    ys.set((runtime.run('f', { x }).y as Float32Array).subarray(0, part.length), from);
  }
  return ys;
}

/** Largest |f(x) − exact(x)| / scale(exact(x)) and where. */
function worst(
  xs: Float32Array,
  ys: Float32Array,
  exact: (x: number) => number,
  scale: (y: number) => number,
): { error: number; x: number } {
  let worst = { error: 0, x: Number.NaN };
  for (const [i, x] of xs.entries()) {
    const y = exact(x);
    const error = Math.abs(ys[i] - y) / scale(y);
    if (!(error <= worst.error)) worst = { error, x };
  }
  return worst;
}

const relative = (y: number): number => Math.abs(y);
/** Relative to float32's smallest normal number for results below it. */
const relativeToNormal = (y: number): number => Math.max(Math.abs(y), 2 ** -126);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Measures the errors of functions at every n-th float32, n a prime. */
export function testMath(n: number): void {
  describe.each([false, true])('the kernels with relaxed SIMD: %s', (relaxed) => {
    beforeAll(() => {
      build = { threads: 1, relaxed };
    });

    describe('exp', () => {
      const op = (g: Graph, x: Tensor): Tensor => g.exp(x);

      it('has a relative error below 1.2e-7 from −87 to 88', () => {
        const xs = sweep(n, -87, 88);
        expect(xs.length).toBeGreaterThan(2e9 / n);
        expect(worst(xs, evaluate(op, xs), Math.exp, relative).error).toBeLessThan(1.2e-7);
      });

      it('stays at its ends beyond them: normal and finite', () => {
        const [low, high] = evaluate(op, Float32Array.of(-87, 88));
        const ends = evaluate(op, Float32Array.of(-1e30, -Infinity, -87.5, 88.5, 1e30, Infinity));
        expect(Array.from(ends)).toEqual([low, low, low, high, high, high]);
      });
    });

    describe('sigmoid', () => {
      it('has a relative error below 1.6e-7 from −87 on', () => {
        const xs = sweep(n, -87, Infinity);
        expect(xs.length).toBeGreaterThan(2e9 / n);
        const ys = evaluate((g, x) => g.sigmoid(x), xs);
        expect(worst(xs, ys, sigmoid, relative).error).toBeLessThan(1.6e-7);
      });

      it('stays below 1e-38 and above 0 on the far left', () => {
        const ys = evaluate((g, x) => g.sigmoid(x), Float32Array.of(-88, -1e30, -Infinity));
        expect(Array.from(ys).every((y) => y > 0 && y < 1e-38)).toBe(true);
      });
    });

    describe('tanh', () => {
      it('has a relative error below 2.5e-7 everywhere, near zero too', () => {
        const xs = sweep(n, -Infinity, Infinity);
        expect(xs.length).toBeGreaterThan(4e9 / n);
        const ys = evaluate((g, x) => g.tanh(x), xs);
        expect(worst(xs, ys, Math.tanh, relativeToNormal).error).toBeLessThan(2.5e-7);
      });
    });

    describe('log', () => {
      const op = (g: Graph, x: Tensor): Tensor => g.log(x);

      it('has a relative error below 8e-8 on all positive normal numbers, near one too', () => {
        const near = Float32Array.from({ length: 4096 }, (_, i) => 1 + (i - 2048) * 2 ** -23);
        const xs = Float32Array.from([...sweep(n, 2 ** -126, 3.4e38), ...near]);
        expect(worst(xs, evaluate(op, xs), Math.log, relativeToNormal).error).toBeLessThan(8e-8);
      });

      it('treats subnormal numbers as the smallest normal one, and keeps 0, ∞ and negative numbers', () => {
        const ys = Array.from(evaluate(op, Float32Array.of(2 ** -126, 2 ** -140, 0, Infinity, -1)));
        expect(ys).toEqual([ys[0], ys[0], -Infinity, Infinity, Number.NaN]);
        expect(ys[0]).toBeCloseTo(-126 * Math.LN2, 4);
      });
    });

    describe('every function', () => {
      const functions: Readonly<Record<string, (g: Graph, x: Tensor) => Tensor>> = {
        exp: (g, x) => g.exp(x),
        sigmoid: (g, x) => g.sigmoid(x),
        tanh: (g, x) => g.tanh(x),
        log: (g, x) => g.log(x),
        sqrt: (g, x) => g.sqrt(x),
        elu: (g, x) => g.elu(x, 0.5),
        relu: (g, x) => g.relu(x),
        leaky: (g, x) => g.leakyRelu(x, 0.1),
      };

      it.each(Object.entries(functions))(
        '%s passes a NaN on, so that a training that diverges is seen',
        (_name, op) => {
          const ys = evaluate(op, Float32Array.of(1, Number.NaN, 2));
          expect(Array.from(ys, Number.isNaN)).toEqual([false, true, false]);
        },
      );
    });
  });
}
