import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeBarriers } from '../src/barriers.ts';
import type { Buffer, Call, Touch } from '../src/kernel-call.ts';
import { placeTemporaries } from '../src/memory-plan.ts';
import { buffer, call } from './calls.ts';

const GRANULE = 4;

/** The first word of a call identifies it. */
const barrier: Call = { kernel: 'BARRIER', words: [], touches: [], runs: 'all' };
const nameOf = ({ kernel, words }: Call): string => (kernel === 'BARRIER' ? kernel : String(words[0]));

const place = (calls: readonly Call[]) => placeBarriers(calls, barrier);
const order = (calls: readonly Call[]): string => place(calls).calls.map(nameOf).join(' ');
const rows = (count: number): Partial<Call> => ({ runs: { rows: count } });

describe('placeBarriers', () => {
  const [x, y, z] = [buffer(), buffer(), buffer()];

  // Where one is needed, the property below says so, but for splits at run time and for buffers that are read in two ways.
  it.each<[string, Partial<Call>, Parameters<typeof call>[1], Partial<Call>, boolean]>([
    ['split the same rows', rows(8), { byRows: [x] }, rows(8), false],
    ['run on the same thread', { runs: 'last' }, { whole: [x] }, { runs: 'last' }, false],
    ['have so few rows that the first thread runs both', rows(GRANULE), { whole: [x] }, {}, false],
    ['have more rows, which the first thread then reads', rows(GRANULE + 1), { whole: [x] }, {}, true],
    ['are split only at run time', { runs: 'all' }, { byRows: [x] }, { runs: 'all' }, true],
    ['split rows, and then read them also as a whole', rows(8), { whole: [x], byRows: [x] }, rows(8), true],
  ])('between calls that %s', (_, written, reads, read, hasBarrier) => {
    const calls = [call(1, {}, x, written), call(2, reads, y, read)];
    expect(order(calls)).toBe(hasBarrier ? '1 BARRIER 2 BARRIER' : '1 2 BARRIER');
  });

  it('moves a call that waits for nothing up to those before the barrier', () => {
    const calls = [call(1, {}, x, rows(8)), call(2, { whole: [x] }, y, rows(8)), call(3, {}, z, rows(8))];
    expect(order(calls)).toBe('1 3 BARRIER 2 BARRIER');
  });

  it('leaves no result in the place of an operand that another thread may still read', () => {
    const inPlace = call(2, { byRows: [x] }, z, { ...rows(8), inPlace: [z, x] });
    const calls = [call(1, { whole: [x] }, y, rows(8)), inPlace];
    expect(place(calls).calls[1]).not.toHaveProperty('inPlace');
    expect(place([inPlace]).calls[0]).toHaveProperty('inPlace');
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
        const split: Partial<Call> = { runs: rows === undefined ? thread : { rows } };
        return call(i, own ? { byRows: read } : { whole: read }, buffers[write] as Buffer, split);
      });
    });

  /** Who runs a call: the thread that does all, or the number of rows it is split by. */
  const runner = ({ runs }: Call): string =>
    typeof runs === 'string' ? runs : runs.rows <= GRANULE ? 'first' : `${runs.rows}`;
  const touchesOf = ({ touches }: Call, b: Buffer): Touch[] => touches.filter((t) => t.buffer === b);
  const written = ({ touches }: Call): Buffer[] => touches.filter((t) => t.write).map((t) => t.buffer);

  it('never lets two threads meet at a buffer that one of them writes (property)', () => {
    fc.assert(
      fc.property(randomCalls, (calls) => {
        const { calls: placed, timeOf } = place(calls);
        expect(placed.filter((c) => c.kernel !== 'BARRIER')).toHaveLength(calls.length);
        for (const [j, later] of calls.entries()) {
          for (const earlier of calls.slice(0, j)) {
            const shared = [...written(later), ...written(earlier)].filter(
              (b) => touchesOf(later, b).length > 0 && touchesOf(earlier, b).length > 0,
            );
            if (shared.length === 0) continue;
            const [a, b] = [placed.indexOf(earlier), placed.indexOf(later)];
            expect(a).toBeLessThan(b);
            const whole = (c: Call, x: Buffer) =>
              typeof c.runs === 'object' && touchesOf(c, x).some(({ by }) => by === 'all');
            const safe = shared.every(
              (w) => runner(earlier) === runner(later) && !whole(earlier, w) && !whole(later, w),
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
        const { calls: placed, timeOf } = place(calls);
        placeTemporaries(placed, 0, timeOf);
        const times = new Map<Buffer, number[]>();
        for (const [i, c] of placed.entries())
          for (const { buffer: b } of c.touches) times.set(b, [...(times.get(b) ?? []), timeOf[i] as number]);
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
