import { describe, expect, it } from 'vitest';
import { commandTable } from '../src/command-table.ts';
import { overview, withoutTypes } from '../src/help.ts';
import { makeFolder, runHere } from './run-trainer.ts';

describe('overview', () => {
  it('leaves a line for the prompt on a screen of 80 × 24', () => {
    const lines = overview().split('\n');
    expect(lines.length).toBeLessThanOrEqual(23);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('the help of a command', () => {
  it.each(commandTable)('has few lines for $name', async ({ name }) => {
    const { stdout } = await runHere(makeFolder(), name, '--help');
    // prepare reads four kinds of logs, splits them in three ways and runs in two programs.
    const most = name === 'prepare' ? 85 : 65;
    expect(stdout.split('\n').length).toBeLessThanOrEqual(most);
    expect(stdout).not.toMatch(/\[(string|boolean|array)\]/);
  });
});

describe('withoutTypes', () => {
  it('removes types, and the lines that have nothing else', () => {
    const help = [
      '      --output      Folder of the dataset      [string] [required]',
      '      --on-bad-row  Stop, or skip',
      '                      [string] [choices: "fail", "skip"]',
      '      --max         A size',
      '                                                 [string]',
      '',
      'Examples:',
    ];
    expect(withoutTypes(help.join('\n')).split('\n')).toEqual([
      '      --output      Folder of the dataset [required]',
      '      --on-bad-row  Stop, or skip',
      ' [choices: "fail", "skip"]',
      '      --max         A size',
      '',
      'Examples:',
    ]);
  });
});
