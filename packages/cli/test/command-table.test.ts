import { beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../src/command-table.ts';
import { terminalOn } from '../src/terminal/terminal.ts';
import { makeFolder, runHere } from './run-trainer.ts';

// Loads the modules here, so that the first test of a command does not time out.
beforeAll(async () => {
  const streams = { stdout: process.stdout, stderr: process.stderr };
  for (const { load } of commandTable) await load(terminalOn({ ...streams, directory: '' }), []);
}, 120_000);

describe('commandTable', () => {
  it.each(commandTable)('lists $name under the name that yargs matches', ({ name, command }) => {
    expect(command.split(' ')[0]).toBe(name);
  });

  it.each(commandTable)('loads $name', async ({ name, describe: description }) => {
    const { code, stdout } = await runHere(makeFolder(), name, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^trainer ${name} `));
    expect((await runHere(makeFolder(), '--help')).stdout).toContain(description);
  });
});
