import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Buffer, Call } from '../src/kernel-call.ts';
import { placePersistent, placeTemporaries } from '../src/memory-plan.ts';

const BASE = 65536;

function buffer(bytes: number, persistent = false): Buffer {
  return { bytes, persistent, address: 0 };
}

function call(reads: readonly Buffer[], writes: Buffer, more: Partial<Call> = {}): Call {
  const read = reads.map((b) => ({ buffer: b, by: 'all', write: false }) as const);
  const touches = [...read, { buffer: writes, by: 'rows', write: true } as const];
  return { kernel: 'UNARY', words: [], touches, runs: 'first', ...more };
}

/** Calls as a compiler emits them: each writes a new buffer and reads some of those before it, seldom in place. */
const calls: fc.Arbitrary<Call[]> = fc
  .array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 300 }),
      reads: fc.array(fc.nat(), { maxLength: 5 }),
      inPlace: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    const buffers: Buffer[] = [buffer(100, true)];
    return steps.map(({ bytes, reads, inPlace }) => {
      const pick = (n: number): Buffer => buffers[n % buffers.length] as Buffer;
      const read = reads.map(pick);
      const first = read[0];
      const out = buffer(inPlace && first ? first.bytes : bytes);
      buffers.push(out);
      return call(read, out, inPlace && first ? { inPlace: [out, first] } : {});
    });
  });

/** First and last call that needs each temporary. */
function lifetimes(list: readonly Call[]): Map<Buffer, [number, number]> {
  const found = new Map<Buffer, [number, number]>();
  for (const [i, c] of list.entries()) {
    for (const { buffer: b } of c.touches) if (!b.persistent) found.set(b, [found.get(b)?.[0] ?? i, i]);
  }
  return found;
}

function overlap(a: Buffer, b: Buffer): boolean {
  return a.address < b.address + b.bytes && b.address < a.address + a.bytes;
}

describe('placeTemporaries', () => {
  it('lets no two live temporaries overlap, but for an op in place whose input dies there', () => {
    fc.assert(
      fc.property(calls, (list) => {
        placeTemporaries(list, BASE);
        const lives = [...lifetimes(list)];
        for (const [i, [a, [firstA, lastA]]] of lives.entries()) {
          for (const [b, [firstB, lastB]] of lives.slice(i + 1)) {
            if (lastA < firstB || lastB < firstA || !overlap(a, b)) continue;
            const inPlace = list[firstB]?.inPlace;
            expect([inPlace?.[0], inPlace?.[1], lastA]).toEqual([b, a, firstB]);
            expect(a.address).toBe(b.address);
          }
        }
      }),
      { seed: 1 },
    );
  });

  it('stays between the base and the end it returns, on whole cache lines', () => {
    fc.assert(
      fc.property(calls, (list) => {
        const end = placeTemporaries(list, BASE);
        for (const [b] of lifetimes(list)) {
          expect(b.address % 64).toBe(0);
          expect(b.address).toBeGreaterThanOrEqual(BASE);
          expect(b.address + b.bytes).toBeLessThanOrEqual(end);
        }
      }),
      { seed: 2 },
    );
  });

  it('gives the memory of a dead buffer to the next one', () => {
    const [a, b, c] = [buffer(64), buffer(64), buffer(64)];
    const end = placeTemporaries([call([], a), call([a], b), call([b], c)], BASE);
    expect([a.address, b.address, c.address, end]).toEqual([BASE, BASE + 64, BASE, BASE + 128]);
  });

  it('works in place only if the input is not read again', () => {
    const [a, b, c] = [buffer(64), buffer(64), buffer(64)];
    placeTemporaries([call([], a), call([a], b, { inPlace: [b, a] }), call([b], c)], BASE);
    expect(b.address).toBe(a.address);
    placeTemporaries([call([], a), call([a], b, { inPlace: [b, a] }), call([a, b], c)], BASE);
    expect(b.address).not.toBe(a.address);
  });

  it('never works in place on a persistent buffer', () => {
    const [variable, b] = [buffer(64, true), buffer(64)];
    placePersistent([variable], BASE);
    placeTemporaries([call([variable], b, { inPlace: [b, variable] })], BASE + 64);
    expect(b.address).toBe(BASE + 64);
  });
});

describe('placePersistent', () => {
  it('places buffers next to each other on whole cache lines', () => {
    const buffers = [buffer(1, true), buffer(65, true), buffer(64, true)];
    expect(placePersistent(buffers, BASE)).toBe(BASE + 64 + 128 + 64);
    expect(buffers.map((b) => b.address - BASE)).toEqual([0, 64, 192]);
  });
});
