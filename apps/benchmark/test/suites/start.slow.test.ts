import { describe, expect, it } from 'vitest';
import { measureStarts } from '../../src/suites/start.ts';

describe('measureStarts', () => {
  it('measures from the shell to the end, with the bound that is asked for', async () => {
    const options = { rounds: 1, engine: {}, peerDirectory: '', events: 2000 };
    const rows = await measureStarts({ ...options, only: /npm start/ });
    expect(rows.map(({ name, goal }) => [name, goal?.text])).toEqual([
      ['npm start -- --version', '≤ 1 s'],
      ['npm start -- recommend', '≤ 0.8 s'],
    ]);
    expect(rows[0]?.ours.correctness).toEqual({ characters: '0.1.0\n'.length });
    expect(rows[0]?.ours.figure.min).toBeGreaterThan(0);
  });

  it('measures nothing if no row is requested', async () => {
    expect(await measureStarts({ rounds: 1, engine: {}, peerDirectory: '', only: /nothing/ })).toEqual([]);
  });
});
