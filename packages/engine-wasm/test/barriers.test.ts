import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeBarriers } from '../src/barriers.ts';
import { type Buffer, type Call, placeTemporaries } from '../src/memory-plan.ts';

const buffer = (bytes = 64): Buffer => ({ bytes, persistent: false, address: 0 });
const barrier: Call = { kernel: 'BARRIER', args: [], uses: [], writes: [] };
const at = (b: Buffer) => ({ buffer: b, offset: 0 });

/** Reads whole what it does not read by rows. */
function call(kernel: string, reads: readonly Buffer[], write: Buffer, more: Partial<Call> = {}): Call {
  return { kernel, args: [...reads, write].map(at), uses: [], writes: [write], ...more };
}

const kernels = (calls: readonly Call[]): string =>
  placeBarriers(calls, barrier)
    .calls.map((c) => c.kernel)
    .join(' ');

describe('placeBarriers', () => {
  const [x, y, z] = [buffer(), buffer(), buffer()];

  it('puts none between calls that go by the same rows', () => {
    const calls = [call('a', [], x, { rows: 8 }), call('b', [x], y, { rows: 8, own: [x] })];
    expect(kernels(calls)).toBe('a b BARRIER');
  });

  it('puts one before a call that reads whole what others have written', () => {
    expect(kernels([call('a', [], x, { rows: 8 }), call('b', [x], y, { rows: 8 })])).toBe(
      'a BARRIER b BARRIER',
    );
  });

  it('puts one between splits by other numbers of rows, and between other threads', () => {
    const first = call('a', [], x, { rows: 8 });
    expect(kernels([first, call('b', [x], y, { rows: 16, own: [x] })])).toBe('a BARRIER b BARRIER');
    expect(kernels([first, call('b', [x], y, { thread: 'last' })])).toBe('a BARRIER b BARRIER');
    const one = call('a', [], x, { thread: 'last' });
    expect(kernels([one, call('b', [x], y, { thread: 'last' })])).toBe('a b BARRIER');
    expect(kernels([one, call('b', [x], y)])).toBe('a BARRIER b BARRIER');
  });

  it('gives so few rows to the first thread that its own calls need none', () => {
    expect(kernels([call('a', [], x, { rows: 3 }), call('b', [x], y)])).toBe('a b BARRIER');
  });

  it('keeps a reader before the next writer', () => {
    const calls = [call('read', [x], y, { rows: 8 }), call('write', [], x, { rows: 8 })];
    expect(kernels(calls)).toBe('read BARRIER write BARRIER');
  });

  it('takes a buffer that stands for two operands as read whole', () => {
    const squared = { ...call('b', [x, x], y, { rows: 8 }), own: [x] };
    expect(kernels([call('a', [], x, { rows: 8 }), squared])).toBe('a BARRIER b BARRIER');
  });

  it('moves a call that waits for nothing up to those before the barrier', () => {
    const calls = [
      call('a', [], x, { rows: 8 }),
      call('b', [x], y, { rows: 8 }),
      call('c', [], z, { rows: 8 }),
    ];
    expect(kernels(calls)).toBe('a c BARRIER b BARRIER');
  });

  it('leaves no result in the place of an operand that another thread may still read', () => {
    const calls = [call('a', [x], y, { rows: 8 }), call('b', [x], z, { rows: 8, own: [x], inPlace: [z, x] })];
    expect(placeBarriers(calls, barrier).calls[1]).not.toHaveProperty('inPlace');
    const alone = [call('b', [x], z, { rows: 8, own: [x], inPlace: [z, x] })];
    expect(placeBarriers(alone, barrier).calls[0]).toHaveProperty('inPlace');
  });

  const randomCalls = fc
    .array(
      fc.record({
        reads: fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
        write: fc.nat({ max: 5 }),
        rows: fc.constantFrom(undefined, 3, 8, 16),
        own: fc.boolean(),
        thread: fc.constantFrom('first' as const, 'last' as const),
      }),
      { maxLength: 25 },
    )
    .map((steps) => {
      const buffers = Array.from({ length: 6 }, () => buffer());
      return steps.map(({ reads, write, rows, own, thread }, i) => {
        const read = [...new Set(reads)].filter((r) => r !== write).map((r) => buffers[r] as Buffer);
        const split = rows === undefined ? { thread } : { rows, ...(own ? { own: read } : {}) };
        return call(`${i}`, read, buffers[write] as Buffer, split);
      });
    });

  /** Who runs a call: the thread that does all, or the number of rows it is split by. */
  const runner = ({ rows, thread = 'first' }: Call): string =>
    rows === undefined ? thread : rows <= 4 ? 'first' : `${rows}`;

  it('never lets two threads meet at a buffer that one of them writes (property)', () => {
    fc.assert(
      fc.property(randomCalls, (calls) => {
        const { calls: placed, timeOf } = placeBarriers(calls, barrier);
        expect(placed.filter((c) => c.kernel !== 'BARRIER')).toHaveLength(calls.length);
        for (const [j, later] of calls.entries()) {
          for (const earlier of calls.slice(0, j)) {
            const touches = (c: Call, b: Buffer) =>
              c.args.some((a) => typeof a === 'object' && 'buffer' in a && a.buffer === b);
            const meet = [...later.writes, ...earlier.writes].some(
              (w) => touches(later, w as Buffer) && touches(earlier, w as Buffer),
            );
            if (!meet) continue;
            const [a, b] = [placed.indexOf(earlier), placed.indexOf(later)];
            expect(a).toBeLessThan(b);
            const shared = [...later.writes, ...earlier.writes].filter(
              (w) => touches(later, w as Buffer) && touches(earlier, w as Buffer),
            );
            const whole = (c: Call, x: Buffer) =>
              c.rows !== undefined && !c.own?.includes(x) && !c.writes.includes(x);
            const safe = shared.every(
              (w) =>
                runner(earlier) === runner(later) &&
                !whole(earlier, w as Buffer) &&
                !whole(later, w as Buffer),
            );
            if (!safe) expect(timeOf[a]).toBeLessThan(timeOf[b] as number);
          }
        }
      }),
    );
  });

  it('gives no two buffers of one stretch the same memory (property)', () => {
    fc.assert(
      fc.property(randomCalls, (calls) => {
        const { calls: placed, timeOf } = placeBarriers(calls, barrier);
        placeTemporaries(placed, 0, timeOf);
        const times = new Map<Buffer, number[]>();
        for (const [i, c] of placed.entries())
          for (const a of c.args)
            if (typeof a === 'object' && 'buffer' in a)
              times.set(a.buffer, [...(times.get(a.buffer) ?? []), timeOf[i] as number]);
        const all = [...times].map(([b, t]) => ({ b, from: Math.min(...t), to: Math.max(...t) }));
        for (const [i, one] of all.entries()) {
          for (const other of all.slice(i + 1)) {
            if (one.from > other.to || other.from > one.to) continue;
            expect(Math.abs(one.b.address - other.b.address)).toBeGreaterThanOrEqual(64);
          }
        }
      }),
    );
  });
});
