import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCli } from '../src/cli.ts';
import { type CommandEntry, commandGroups, commandTable } from '../src/command-table.ts';
import { formatHelp } from '../src/help.ts';
import { makeFolder, runHere, Sink } from './run-trainer.ts';

// Loads the modules here, so that the first test of a command does not time out.
beforeAll(async () => {
  for (const { load } of commandTable) await load();
}, 120_000);

describe('runCli', () => {
  it.each([[['--help']], [['-h']], [[]]])(
    'lists the commands in groups for %j, demo first, on a screen of 80 × 24, and writes nothing',
    async (argv) => {
      const folder = makeFolder();
      const { code, stdout, stderr } = await runHere(folder, ...argv);
      expect({ code, stderr, written: readdirSync(folder) }).toEqual({ code: 0, stderr: '', written: [] });
      expect(stdout.match(/^[A-Z][a-z-]+:$/gm)).toEqual(['Start:', 'Model:', 'Shop:', 'Use:']);
      expect(stdout.split('\n')[2]).toMatch(/^ {2}demo +[A-Z]/);
      const { Also: others = [], ...groups } = commandGroups;
      for (const { name, describe: description } of Object.values(groups).flat()) {
        expect(stdout).toMatch(new RegExp(`^  ${name} +[A-Z]`, 'm'));
        expect(stdout).toContain(description);
      }
      expect(stdout).toContain(`Also: ${others.map(({ name }) => name).join(', ')}\n`);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(23);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    },
  );

  it('prints its version', async () => {
    const { code, stdout } = await runHere(makeFolder(), '--version');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  const names = commandTable.map(({ name }) => name).join(', ');
  it.each([
    ['trian', `Did you mean train? Unknown command "trian"; the commands are ${names}`, ''],
    ['--events 3000', `Expected a command before --events; the commands are ${names}`, ''],
    ['demo trian', 'Unknown argument: trian', 'demo '],
    ['train d --otput m', 'Did you mean --output? Missing required argument: output', 'train '],
    [
      'evaluate m --data d --no-baslines',
      'Did you mean --baselines? Unknown argument: baslines',
      'evaluate ',
    ],
    ['train', 'train expected DATA as its first argument, got none', 'train '],
    ['train d --output', 'Not enough arguments following: output', 'train '],
    ['train d --output m --output n', '--output is given 2 times, but only once is allowed', 'train '],
    ['train d --output ', '--output expected a string, got an empty one', 'train '],
    ['demo --events 1.5', '--events expected an integer ≥ 1000, got "1.5"', 'demo '],
    ['setup a', 'Invalid values: Argument: what, Given: "a", Choices: "tensorflow", "kernels"', 'setup '],
  ])('refuses %j', async (line, message, command) => {
    expect(await runHere(makeFolder(), line)).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: `${message}\nSee trainer ${command}--help\n`,
    });
  });
});

/** Runs `models`, of which a step throws. */
async function runBroken(step: 'load' | 'parse' | 'run', error: Error, debug = false) {
  const entry = commandTable.find(({ name }) => name === 'models');
  const fail = () => {
    throw error;
  };
  const options = step === 'parse' ? { a: { describe: '', fallback: '1', parse: fail } } : {};
  const load = async () => ({ command: { usage: '', examples: [], options, run: fail } });
  const spy = vi.spyOn(entry as CommandEntry, 'load').mockImplementation(step === 'load' ? fail : load);
  onTestFinished(() => spy.mockRestore());
  const [stdout, stderr] = [new Sink(), new Sink()];
  const code = await runCli(['models'], { stdout, stderr, directory: '/', debug });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

describe('runCli, errors other than usage errors', () => {
  const REPORT = 'This is a mistake [^\\n]*\\n$';
  it.each([
    [
      'parse',
      new RangeError('Maximum call stack size exceeded'),
      `^Unexpected error: RangeError: Maximum call stack size exceeded\\. ${REPORT}`,
    ],
    [
      'run',
      new TypeError('x is not iterable'),
      `^Unexpected error: TypeError: x is not iterable\\. ${REPORT}`,
    ],
    ['load', new Error('Cannot find module \n y'), '^Cannot find module y\n$'],
  ] as const)(
    'exits with 1 and one line if %s throws, without a hint at --help',
    async (step, error, line) => {
      const { code, stdout, stderr } = await runBroken(step, error);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(new RegExp(line));
    },
  );

  it('adds the stack in debug mode', async () => {
    expect((await runBroken('run', new TypeError('x'), true)).stderr).toMatch(/\n {4}at .*cli\.test/);
  });
});

describe('the help of a command', () => {
  it.each(commandTable)(
    '$name has examples, few lines, no types and no choices at the edge',
    async ({ name }) => {
      const { code, stdout, stderr } = await runHere('', name, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^trainer ${name}\\b`));
      expect(stdout).toMatch(new RegExp(`Examples:\n  trainer( ${name})?`));
      // prepare reads four kinds of logs, splits them in three ways and runs in two programs.
      expect(stdout.split('\n').length).toBeLessThanOrEqual(name === 'prepare' ? 75 : 65);
      expect(stdout).not.toMatch(/\$0|\[(string|boolean|array)\]/);
      const narrow = Object.assign(new Sink(), { columns: 60 });
      await runCli([name, '--help'], { stdout: narrow, stderr: new Sink(), directory: '' });
      for (const [text, columns] of [
        [stdout, 100],
        [narrow.text, 60],
      ] as const) {
        expect(text).not.toMatch(/^ {0,6}\[(choices|default|required)|\S\[(choices|default)/m);
        expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(columns);
      }
    },
  );

  const optionsOf = (help: string) =>
    [...help.matchAll(/^ {2,6}(?:-\w, )?--([a-z-]+)/gm)].map(([, name]) => name);

  it.each([
    ['train', ['output', 'config', 'set'], ['engine', 'threads']],
    ['prepare', ['input', 'output', 'test'], ['threads', 'memory-limit', 'spark', 'spark-folder']],
  ])('has what few users of %s need below what is common', async (name, common, advanced) => {
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
});
