import { describe, expect, it } from 'vitest';
import { LogClock } from '../../src/learning/log-clock.ts';

describe('LogClock', () => {
  const noon = Date.UTC(2026, 4, 1, 12);

  it('never goes back, and does not follow some clicks of yesterday, tomorrow or any other time', () => {
    const clock = new LogClock();
    let before = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < 300; at++) {
      const wrong = [noon - 86_400_000, noon + 86_400_000, 0, 8e15][at % 4] as number;
      const now = clock.read(at % 3 === 1 ? wrong : noon + 1000 * at, '2026-05-01');
      expect(now).toBeGreaterThanOrEqual(before);
      if (at > 40) expect(Math.abs(now - (noon + 1000 * at))).toBeLessThan(40_000);
      before = now;
    }
  });

  it('takes the time within the day of arrival where all clicks are wrong', () => {
    const clock = new LogClock();
    expect(clock.read(0, '2026-05-01')).toBe(Date.UTC(2026, 4, 1));
    expect(new LogClock(clock.state).read(8e15, '2026-05-01')).toBe(Date.UTC(2026, 4, 1));
    expect(clock.read(0, '2026-05-03')).toBe(Date.UTC(2026, 4, 1));
  });

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
