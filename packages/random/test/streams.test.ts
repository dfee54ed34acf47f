import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox4x32 } from '../src/philox.ts';
import { RandomStream, seedWords, shuffleInPlace, streamWords } from '../src/streams.ts';

/** Σ (observed − expected)² / expected for equally likely cells. */
function chiSquare(counts: ArrayLike<number>): number {
  const observed = Array.from(counts);
  const expected = observed.reduce((sum, count) => sum + count, 0) / observed.length;
  return observed.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('streamWords', () => {
  // Published FNV-1a 64 hashes: af63dc4c8601ec8c of "a", 85944171f73967e8 of "foobar".
  it('returns the FNV-1a hash of the name, low word first', () => {
    expect(streamWords('a')).toEqual([0x8601ec8c, 0xaf63dc4c]);
    expect(streamWords('foobar')).toEqual([0xf73967e8, 0x85944171]);
    // 08985907b541d342 of "fo", with the top bit set.
    expect(streamWords('fo')).toEqual([0xb541d342, 0x88985907]);
  });
});

describe('RandomStream', () => {
  it('returns the words of the Philox blocks of its name', () => {
    const stream = new RandomStream(2n ** 32n * 9n + 4n, 'a');
    const expected = new Uint32Array(200);
    for (let block = 0; block < 50; block++) {
      philox4x32(4, 9, block, 0, 0x8601ec8c, 0xaf63dc4c, expected, 4 * block);
    }
    expect(Uint32Array.from(expected, () => stream.nextUint32())).toEqual(expected);
  });

  it('differs between names and between seeds', () => {
    const words = [
      new RandomStream(1, 'a').nextUint32(),
      new RandomStream(1, 'b').nextUint32(),
      new RandomStream(2, 'a').nextUint32(),
    ];
    expect(new Set(words).size).toBe(3);
  });

  it('fills with the words of single draws, from any position', () => {
    fc.assert(
      fc.property(fc.nat({ max: 150 }), fc.nat({ max: 300 }), (position, length) => {
        const bulk = new RandomStream(5, 'fill');
        const single = new RandomStream(5, 'fill');
        bulk.position = position;
        single.position = position;
        const out = new Uint32Array(length);
        bulk.fillUint32(out);
        expect(out).toEqual(Uint32Array.from(out, () => single.nextUint32()));
        expect(bulk.position).toBe(position + length);
        expect(bulk.nextUint32()).toBe(single.nextUint32());
      }),
      { seed: 4 },
    );
  });

  it('resumes from a saved position, past 2^34 words too', () => {
    const whole = new RandomStream(6, 'resume');
    for (const start of [0, 1, 63, 64, 2 ** 34 - 2, 2 ** 52 + 1]) {
      whole.position = start;
      whole.nextNormal();
      whole.nextBelow(3);
      const resumed = new RandomStream(6, 'resume');
      resumed.position = whole.position;
      for (let draw = 0; draw < 70; draw++) expect(resumed.nextUint32()).toBe(whole.nextUint32());
    }
  });

  it('counts the words it consumes', () => {
    const stream = new RandomStream(7, 'count');
    stream.nextUint32();
    expect(stream.position).toBe(1);
    stream.nextFloat();
    expect(stream.position).toBe(3);
    stream.nextNormal();
    expect(stream.position).toBe(7);
  });

  it.each([-1, 1.5, 2 ** 53])('rejects the position %s', (position) => {
    const stream = new RandomStream(1, 'a');
    expect(() => {
      stream.position = position;
    }).toThrow(new RangeError(`RandomStream: "position" expected integer in [0, 2^53), got ${position}.`));
  });
});

describe('nextFloat', () => {
  it('combines two words into 53 bits', () => {
    const words = new RandomStream(8, 'float');
    const high = Math.floor(words.nextUint32() / 2 ** 5);
    const low = Math.floor(words.nextUint32() / 2 ** 6);
    expect(new RandomStream(8, 'float').nextFloat()).toBe(high / 2 ** 27 + low / 2 ** 53);
  });

  it('is uniform', () => {
    const stream = new RandomStream(9, 'float');
    const counts = new Uint32Array(100);
    for (let draw = 0; draw < 100_000; draw++) counts[Math.floor(100 * stream.nextFloat())]++;
    // 99 degrees of freedom: 148.2 is exceeded once in a thousand.
    expect(chiSquare(counts)).toBeLessThan(148.2);
  });
});

describe('nextBelow', () => {
  it('is uniform', () => {
    const stream = new RandomStream(10, 'below');
    const counts = new Uint32Array(7);
    for (let draw = 0; draw < 70_000; draw++) counts[stream.nextBelow(7)]++;
    // 6 degrees of freedom: 22.46 is exceeded once in a thousand.
    expect(chiSquare(counts)).toBeLessThan(22.46);
  });

  it('rejects the words above the greatest multiple', () => {
    // 3·2³⁰ + 1 has one multiple below 2³², so a quarter of the words are rejected.
    const n = 3 * 2 ** 30 + 1;
    const stream = new RandomStream(11, 'below');
    const words = new RandomStream(11, 'below');
    for (let draw = 0; draw < 100; draw++) {
      let word = words.nextUint32();
      while (word >= n) word = words.nextUint32();
      expect(stream.nextBelow(n)).toBe(word);
    }
    expect(stream.position).toBeGreaterThan(110);
  });

  it('accepts both ends of the range', () => {
    const stream = new RandomStream(12, 'below');
    const word = new RandomStream(12, 'below').nextUint32();
    expect(stream.nextBelow(2 ** 32)).toBe(word);
    expect(stream.nextBelow(1)).toBe(0);
  });
});

describe('nextNormal', () => {
  it('has the moments 0, 1, 0, 3', () => {
    const stream = new RandomStream(13, 'normal');
    const draws = 100_000;
    const moments = [0, 0, 0, 0];
    for (let draw = 0; draw < draws; draw++) {
      const value = stream.nextNormal();
      for (let power = 1; power <= 4; power++) moments[power - 1] += value ** power / draws;
    }
    // Four standard errors: √1, √2, √15, √96 over √draws.
    const tolerance = 4 / Math.sqrt(draws);
    expect(Math.abs(moments[0])).toBeLessThan(tolerance);
    expect(Math.abs(moments[1] - 1)).toBeLessThan(Math.sqrt(2) * tolerance);
    expect(Math.abs(moments[2])).toBeLessThan(Math.sqrt(15) * tolerance);
    expect(Math.abs(moments[3] - 3)).toBeLessThan(Math.sqrt(96) * tolerance);
  });
});

describe('seedWords', () => {
  it('puts the low word first', () => {
    expect(seedWords(2 ** 32 + 5)).toEqual([5, 1]);
    expect(seedWords(2 ** 53 - 1)).toEqual([2 ** 32 - 1, 2 ** 21 - 1]);
  });

  it('accepts numbers and bigints up to 2^64 - 1', () => {
    expect(seedWords(2n ** 32n + 5n)).toEqual(seedWords(2 ** 32 + 5));
    expect(seedWords(2n ** 64n - 1n)).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
  });

  it.each([-1, 0.5, 2 ** 53])('rejects the number %s', (seed) => {
    expect(() => seedWords(seed)).toThrow(
      new RangeError(
        `seedWords: "seed" expected integer in [0, 2^53), got ${seed}. Pass larger seeds as a bigint.`,
      ),
    );
  });

  it.each([-1n, 2n ** 64n])('rejects the bigint %s', (seed) => {
    expect(() => seedWords(seed)).toThrow(
      new RangeError(`seedWords: "seed" expected bigint in [0, 2^64), got ${seed}.`),
    );
  });
});

describe('shuffleInPlace', () => {
  it('permutes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), fc.nat({ max: 60 }), (seed, length) => {
        const sorted = Int32Array.from({ length }, (_, index) => index);
        const shuffled = sorted.slice();
        shuffleInPlace(shuffled, new RandomStream(seed, 'shuffle'));
        expect(shuffled.sort()).toEqual(sorted);
      }),
      { seed: 5 },
    );
  });

  it('reaches the 24 orders of four equally often', () => {
    const stream = new RandomStream(4, 'shuffle');
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let draw = 0; draw < draws; draw++) {
      const order = Int32Array.of(0, 1, 2, 3);
      shuffleInPlace(order, stream);
      const key = order.join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 23 degrees of freedom: 49.73 is exceeded once in a thousand.
    expect(chiSquare([...counts.values()])).toBeLessThan(49.73);
  });
});
