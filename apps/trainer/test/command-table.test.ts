import { describe, expect, it } from 'vitest';
import { commandTable } from '../src/command-table.ts';
import { makeFolder, runHere } from './run-trainer.ts';

describe('commandTable', () => {
  it.each(commandTable)('has $name by the name that yargs matches', ({ name, command }) => {
    const [form = ''] = [command].flat();
    expect(form.split(' ')[0]).toBe(name);
  });

  it.each(commandTable)('loads $name', async ({ name, describe: description }) => {
    const { code, stdout } = await runHere(makeFolder(), name, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^trainer (\\[demo\\]|${name}) `));
    expect((await runHere(makeFolder(), '--help')).stdout).toContain(description);
  });
});
