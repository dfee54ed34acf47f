import { describe, expect, it } from 'vitest';
import { killAtEach, needsHosts, useSecondHost } from './killed-runs.ts';
import { type KilledCommand, killedCommands, useGiven } from './killed-scenarios.ts';

const second = useSecondHost();
const givenWith = useGiven();

describe('a command killed before any of its steps, and the next one on another host', () => {
  it.for(Object.entries<KilledCommand>(killedCommands))(
    '%s leaves its output complete, and nothing else',
    { timeout: 1_800_000 },
    async ([, { older, ...scenario }], ctx) => {
      needsHosts(ctx);
      const folder = await givenWith(older);
      expect(second().host).toBe('second');
      const { steps, findings } = await killAtEach(folder, scenario, second());
      expect(findings).toEqual([]);
      expect(steps.length).toBeGreaterThan(8);
    },
  );
});
