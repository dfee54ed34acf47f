import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { type Buffer, type Call, kernelCall } from '../src/kernel-call.ts';
import { checkCallMemory, memoryOfCall, placePersistent, placeTemporaries } from '../src/memory-plan.ts';
import { buffer, call } from './calls.ts';
import { smallStep } from './small-step.ts';

const BASE = 65536;

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
      return call(0, { whole: read }, out, inPlace && first ? { inPlace: [out, first] } : {});
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
        const end = placeTemporaries(list, BASE);
        const lives = [...lifetimes(list)];
        for (const [b] of lives) {
          // Between the base and the end, on whole cache lines.
          expect(b.address % 64).toBe(0);
          expect(b.address).toBeGreaterThanOrEqual(BASE);
          expect(b.address + b.bytes).toBeLessThanOrEqual(end);
        }
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

  it('gives the memory of a dead buffer to the next one', () => {
    const [a, b, c] = [buffer(64), buffer(64), buffer(64)];
    const end = placeTemporaries(
      [call(0, { whole: [] }, a), call(0, { whole: [a] }, b), call(0, { whole: [b] }, c)],
      BASE,
    );
    expect([a.address, b.address, c.address, end]).toEqual([BASE, BASE + 64, BASE, BASE + 128]);
  });

  it('works in place only if the input is not read again', () => {
    const [a, b, c] = [buffer(64), buffer(64), buffer(64)];
    placeTemporaries(
      [
        call(0, { whole: [] }, a),
        call(0, { whole: [a] }, b, { inPlace: [b, a] }),
        call(0, { whole: [b] }, c),
      ],
      BASE,
    );
    expect(b.address).toBe(a.address);
    placeTemporaries(
      [
        call(0, { whole: [] }, a),
        call(0, { whole: [a] }, b, { inPlace: [b, a] }),
        call(0, { whole: [a, b] }, c),
      ],
      BASE,
    );
    expect(b.address).not.toBe(a.address);
  });

  it('never works in place on a persistent buffer', () => {
    const [variable, b] = [buffer(64, true), buffer(64)];
    placePersistent([variable], BASE);
    placeTemporaries([call(0, { whole: [variable] }, b, { inPlace: [b, variable] })], BASE + 64);
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

/** A buffer that has its place. */
const placed = (address: number, bytes = 64): Buffer => ({ bytes, persistent: false, address });
const memory = { address: 128, bytes: 512 };

function copy(src: Buffer, dst: Buffer, offset = 0) {
  return kernelCall('COPY_ROWS', { src: { buffer: src, offset }, dst, rows: 2, stride: 16 });
}

function sums(list: Buffer, behind: Buffer) {
  const rows = { list, behind: [{ buffer: behind, by: 'all', write: false }] } as const;
  return kernelCall('ROW_DOTS', { rows, m: 4, x: placed(256), k: 4, out: placed(320) });
}

describe('checkCallMemory', () => {
  it('accepts calls whose buffers are inside the memory, up to its last byte', () => {
    expect(() =>
      checkCallMemory('step', [copy(placed(128), placed(576), 32), sums(placed(192), placed(384))], memory),
    ).not.toThrow();
  });

  it.each([
    ['starts before the memory', copy(placed(64), placed(576)), '64 bytes at 64'],
    ['ends after the memory', copy(placed(128), placed(580)), '64 bytes at 580'],
    ['has no place yet', copy(placed(0), placed(576)), '64 bytes at 0'],
    ['has the rows of a list outside the memory', sums(placed(192), placed(1024, 8)), '8 bytes at 1024'],
  ])('refuses a buffer that %s', (_name, call, got) => {
    expect(() => checkCallMemory('step', [copy(placed(128), placed(576)), call], memory)).toThrow(
      `engine-wasm: call 1 of step, ${call.kernel}, expected buffers from 128 to 640, got ${got}. This is a fault of the engine`,
    );
  });

  it.each([-16, 80])('refuses an address %d bytes behind the start of its buffer of 64', (offset) => {
    expect(() => checkCallMemory('step', [copy(placed(128), placed(576), offset)], memory)).toThrow(
      `engine-wasm: call 0 of step, COPY_ROWS, expected addresses in its buffers, got 128 + ${offset}.`,
    );
  });

  it('refuses an address in a buffer that the call does not state to access', () => {
    const { kernel, words, runs } = copy(placed(128), placed(576));
    expect(() => checkCallMemory('step', [{ kernel, words, runs, touches: [] }], memory)).toThrow(
      'expected addresses in its buffers, got 128 + 0',
    );
  });
});

describe('memoryOfCall', () => {
  it('has the buffers behind row lists, and the kind of each argument', () => {
    expect(memoryOfCall(sums(placed(192), placed(384, 8)), 72)).toEqual({
      kernel: 'ROW_DOTS',
      address: 72,
      arguments: ['row list', 'number', 'address', 'number', 'address'],
      buffers: [
        { address: 192, bytes: 64 },
        { address: 384, bytes: 8 },
        { address: 256, bytes: 64 },
        { address: 320, bytes: 64 },
      ],
    });
  });

  it('is listed per program, with the zero rows for indices of −1', () => {
    const runtime = createWasmEngine({ threads: 1 }).load([smallStep()]);
    const calls = runtime.callMemory('small');
    expect(calls.map(({ kernel }) => kernel)).toEqual(runtime.kernels('small'));
    const addresses = calls.find(({ kernel }) => kernel === 'ROW_ADDRESSES');
    const product = calls.find(({ kernel }) => kernel === 'NN');
    const zeros = addresses?.buffers[2];
    expect(product?.buffers).toContainEqual(zeros);
    const [first, second] = calls.map(({ address }) => address);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(0);
  });
});
