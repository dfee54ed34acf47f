import { describe, expect, it } from 'vitest';
import { addNight, LIMIT, meanOf } from '../../src/nightly/evidence.ts';

/** A generator of seeded numbers in [0, 1) (mulberry32). */
class Stream {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  nextFloat(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Changes of a reciprocal rank that leave recall as it is, such as from rank 2 to 1. */
const STEPS = [0.5, 0.17, 0.08, 0.05];

/**
 * Differences of [sessions] of three predictions, of which half are hits, with reciprocal rank .6. As in nights of a shop
 * (decision 0056), 4 % of the sessions differ in recall, 25 % in rank, and of 350 the standard errors are .7 and .8 %.
 * @param loss - share of the hits that the new version has lost.
 */
function drawNight(stream: Stream, sessions: number, loss: number): Float64Array[] {
  const [recall, reciprocal] = [new Float64Array(sessions), new Float64Array(sessions)];
  for (let session = 0; session < sessions; session++) {
    const change = stream.nextFloat();
    const sign = stream.nextFloat() < 0.5 ? 1 : -1;
    if (change < 0.04) recall[session] = sign;
    if (change < 0.04) reciprocal[session] = 0.25 * sign;
    else if (change < 0.25) reciprocal[session] = sign * (STEPS[Math.floor(4 * stream.nextFloat())] ?? 0);
    let lost = 0;
    for (let hit = 0; hit < 3 && loss > 0; hit++) lost += Number(stream.nextFloat() < loss / 2);
    recall[session] = (recall[session] ?? 0) - lost;
    reciprocal[session] = (reciprocal[session] ?? 0) - 0.6 * lost;
  }
  return [recall, reciprocal];
}

/** @returns the nights that were refused; the evidence begins anew after each. */
function live(stream: Stream, sessions: number, losses: readonly number[]): number[] {
  let evidence: readonly number[] = [];
  return losses.flatMap((loss, night) => {
    const next = addNight(evidence, drawNight(stream, sessions, loss));
    const isWorse = meanOf(next) > LIMIT;
    evidence = isWorse ? [] : next;
    return isWorse ? [night] : [];
  });
}

const WARM = 14;

/** The share of shops that refuse a version within some nights of losses, after two weeks without any. */
function power(sessions: number, losses: readonly number[], shops = 100): number {
  const stream = new Stream(sessions);
  const nights = [...Array<number>(WARM).fill(0), ...losses];
  const seen = Array.from({ length: shops }, () => live(stream, sessions, nights));
  return seen.filter((refused) => refused.some((night) => night >= WARM)).length / shops;
}

const week = (loss: number) => Array<number>(7).fill(loss);

describe('addNight', () => {
  it('has the values of its example, and goes on from them', () => {
    const night = [Float64Array.of(-1, -1, -1, -1)];
    const [one = 0, three = 0] = addNight([], night);
    expect([one, three]).toEqual([Math.exp(1.5), Math.exp(1.5)]);
    expect(addNight([one, three], night)[0]).toBeCloseTo((1 + Math.exp(1.5)) * Math.exp(1.5), 12);
    // No session differs: a night is neither for nor against.
    expect(addNight([3, 3], [new Float64Array(9)])[0]).toBeCloseTo(4 * Math.exp(-0.5), 12);
  });

  it('refuses at most one of a year of equal nights', () => {
    const stream = new Stream(3);
    const years = 40;
    const refused = Array.from({ length: years }, () => live(stream, 100, Array<number>(365).fill(0)).length);
    expect(refused.reduce((sum, nights) => sum + nights, 0) / years).toBeLessThanOrEqual(1);
  });

  it('refuses a night that loses a fifth at once, and finds what is lost night after night', () => {
    expect(power(100, [0.2])).toBeGreaterThan(0.95);
    expect(power(350, [0.2])).toBe(1);
    expect(power(350, [0.05])).toBeGreaterThanOrEqual(0.8);
    // In all, 5 % over seven nights: 350 sessions a week are 700 in the two weeks that judge.
    expect(power(700, week(1 - 0.95 ** (1 / 7)))).toBeGreaterThanOrEqual(0.8);
    expect(power(350, week(0.02))).toBeGreaterThan(0.95);
    expect(power(100, Array<number>(30).fill(0.01))).toBeGreaterThan(0.8);
  });
});
