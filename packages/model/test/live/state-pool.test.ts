import { describe, expect, it } from 'vitest';
import { StatePool } from '../../src/live/live-sessions.ts';

describe('StatePool', () => {
  it('gives rows of zeros that share no memory', () => {
    const pool = new StatePool(3, 2000);
    const rows = Array.from({ length: 2000 }, () => pool.acquire());
    for (const [i, row] of rows.entries()) row.fill(i);
    expect(rows.every((row, i) => row.length === 3 && row.every((value) => value === i))).toBe(true);
  });

  it('reuses released rows, cleared', () => {
    const pool = new StatePool(2, 1);
    const row = pool.acquire().fill(7);
    pool.release(row);
    expect(pool.acquire()).toBe(row);
    expect(row).toEqual(Float32Array.of(0, 0));
  });

  it('grows in chunks and never beyond its capacity', () => {
    const pool = new StatePool(2, 1500);
    expect(pool.bytes).toBe(0);
    pool.acquire();
    expect(pool.bytes).toBe(1024 * 2 * 4);
    for (let i = 1; i < 1500; i++) pool.acquire();
    expect(pool.bytes).toBe(1500 * 2 * 4);
  });
});
