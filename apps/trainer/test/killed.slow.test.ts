import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killAtEach, needsHosts, useSecondHost } from './killed-runs.ts';
import { killedCommands, makeGiven, makeOlder } from './killed-scenarios.ts';
import { makeFolder } from './run-trainer.ts';

const second = useSecondHost();
let given = '';
beforeAll(async () => {
  given = makeFolder(afterAll);
  await makeGiven(given);
}, 120_000);

// killed.long.test.ts kills every command before each of its steps.
describe('a command that is killed before one of its renames, and the next one on another host', () => {
  it.for(['prepare', 'export --format onnx'] as const)(
    '%s leaves its output whole, and nothing beside it',
    async (name, ctx) => {
      needsHosts(ctx);
      const { older = [], ...scenario } = killedCommands[name];
      const folder = join(makeFolder(), 'older');
      cpSync(given, folder, { recursive: true });
      await makeOlder(folder, older);
      expect(second().host).toBe('second');
      const { steps, findings } = await killAtEach(folder, scenario, second(), (step) =>
        /^rename/.test(step),
      );
      expect(findings).toEqual([]);
      expect(steps.filter((step) => step.startsWith('rename'))).toHaveLength(3);
    },
  );
});
