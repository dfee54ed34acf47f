import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killAtEach, needsHosts, useSecondHost } from './killed-runs.ts';
import { type KilledCommand, killedCommands, makeGiven, makeOlder } from './killed-scenarios.ts';
import { makeFolder } from './run-trainer.ts';

const second = useSecondHost();
let given = '';
beforeAll(async () => {
  given = makeFolder(afterAll);
  await makeGiven(given);
}, 120_000);

describe('a command that is killed before any of its steps, and the next one on another host', () => {
  it.for(Object.entries<KilledCommand>(killedCommands))(
    '%s leaves its output whole, and nothing beside it',
    { timeout: 1_800_000 },
    async ([, { older, ...scenario }], ctx) => {
      needsHosts(ctx);
      const folder = join(makeFolder(), 'older');
      cpSync(given, folder, { recursive: true });
      if (older) await makeOlder(folder, older);
      expect(second().host).toBe('second');
      const { steps, findings } = await killAtEach(folder, scenario, second());
      expect(findings).toEqual([]);
      expect(steps.length).toBeGreaterThan(8);
    },
  );
});
