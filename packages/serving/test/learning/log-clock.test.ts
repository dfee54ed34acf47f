import { describe, expect, it } from 'vitest';
import { LogClock } from '../../src/learning/log-clock.ts';

describe('LogClock', () => {
  it('goes on from where it was when the clock of a server had been days ahead', () => {
    const clock = new LogClock();
    const read = (day: string, count: number) => {
      const start = Date.parse(day);
      return (
        Array.from({ length: count }, (_, minute) => clock.read(start + 60_000 * minute, day)).at(-1) ?? 0
      );
    };
    read('2026-05-01', 100);
    const ahead = read('2026-11-17', 60);
    const back = read('2026-05-01', 200);
    expect(back).toBeGreaterThanOrEqual(ahead);
    const later = new LogClock(clock.state).read(Date.parse('2026-05-01') + 201 * 60_000, '2026-05-01');
    expect(later - back).toBe(60_000);
  });
});
