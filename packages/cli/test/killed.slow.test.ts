import { describe, expect, it } from 'vitest';
import { killAtEach, needsHosts, useSecondHost } from './killed-runs.ts';
import { killedCommands, useGiven } from './killed-scenarios.ts';

const second = useSecondHost();
const givenWith = useGiven();

// killed.long.test.ts kills every command before each of its steps.
describe('a command killed before one of its renames, and the next one on another host', () => {
  it.for(['prepare', 'export --format onnx'] as const)(
    '%s leaves its output complete, and nothing else',
    async (name, ctx) => {
      needsHosts(ctx);
      const { older, ...scenario } = killedCommands[name];
      const folder = await givenWith(older);
      expect(second().host).toBe('second');
      const { steps, findings } = await killAtEach(folder, scenario, second(), (step) =>
        /^rename/.test(step),
      );
      expect(findings).toEqual([]);
      expect(steps.filter((step) => step.startsWith('rename'))).toHaveLength(3);
    },
  );
});
