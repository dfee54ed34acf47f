import { describe, expect, it } from 'vitest';
import { runCli } from '../src/cli.ts';
import { commandTable } from '../src/command-table.ts';
import { formatHelp, overview } from '../src/help.ts';
import { makeFolder, runHere, Sink } from './run-trainer.ts';

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
    const most = name === 'prepare' ? 75 : 65;
    expect(stdout.split('\n').length).toBeLessThanOrEqual(most);
    expect(stdout).not.toContain('$0');
    expect(stdout).not.toMatch(/\[(string|boolean|array)\]/);
  });
});

describe('the heading Advanced', () => {
  const optionsOf = (help: string) =>
    [...help.matchAll(/^ {2,6}(?:-\w, )?--([a-z-]+)/gm)].map(([, name]) => name);

  it.each([
    ['train', ['output', 'config', 'set'], ['engine', 'threads']],
    ['prepare', ['input', 'output', 'test'], ['threads', 'memory-limit', 'spark', 'spark-folder']],
  ])('has what few users of %s need, below what is common', async (name, common, advanced) => {
    const { stdout } = await runHere(makeFolder(), name, '--help');
    const [first = '', second = ''] = stdout.split('\n\nAdvanced:\n');
    const shown = optionsOf(first).filter((option) => option !== 'help' && option !== 'version');
    expect(shown.slice(0, 3)).toEqual(common);
    expect(optionsOf(second)).toEqual(expect.arrayContaining(advanced));
  });
});

describe('formatHelp', () => {
  const help = [
    'trainer tune DATA --output STUDY [options]',
    '',
    'Options:',
    '  -h, --help     Show help  [boolean]',
    '      --sampler  How values are chosen, at random or not  [string] [choices: "tpe", "random"] [default: "tpe"]',
    '      --engine   What computes  [choices: "auto", "wasm", "tensorflow", "cuda"]',
    '      --output   Folder of the study  [string] [required]',
    '',
    'Examples:',
    '  trainer tune data --space space.json --output study-on-two  The same on each machine',
  ];

  it('keeps descriptions and choices in their column, and removes types', () => {
    expect(formatHelp(help.join('\n'), 60).split('\n')).toEqual([
      'trainer tune DATA --output STUDY [options]',
      '',
      'Options:',
      '  -h, --help     Show help',
      '      --sampler  How values are chosen, at random or not',
      '                 [choices: "tpe", "random"] [default: "tpe"]',
      '      --engine   What computes [choices: "auto", "wasm",',
      '                 "tensorflow", "cuda"]',
      '      --output   Folder of the study [required]',
      '',
      'Examples:',
      '  trainer tune data --space space.json --output study-on-two',
      '    # The same on each machine',
    ]);
  });

  it.each(commandTable)(
    'starts no line of $name with choices or a default at the edge, in 60 and 100 columns',
    async ({ name }) => {
      for (const columns of [60, 100]) {
        const stdout = Object.assign(new Sink(), { columns });
        await runCli([name, '--help'], { stdout, stderr: new Sink(), directory: '' });
        expect(stdout.text).not.toMatch(/^ {0,6}\[(choices|default|required)|\S\[(choices|default)/m);
        expect(Math.max(...stdout.text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(columns);
      }
    },
  );
});
