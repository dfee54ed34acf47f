import { beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../src/command-table.ts';
import { makeFolder, runHere } from './run-trainer.ts';

// Loads the modules here, so that the first test of a command does not time out.
beforeAll(async () => {
  for (const { load } of commandTable) await load();
}, 120_000);

describe('commandTable', () => {
  it.each(commandTable)('lists $name under the name that yargs matches', ({ name, command }) => {
    expect(command.split(' ')[0]).toBe(name);
  });

  it.each(commandTable)('loads $name', async ({ name, describe: description }) => {
    const { code, stdout } = await runHere(makeFolder(), name, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^trainer ${name}\\b`));
    expect((await runHere(makeFolder(), '--help')).stdout).toContain(description);
  });
});
