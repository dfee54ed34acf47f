import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../src/command-table.ts';
import { makeFolder, runHere } from './run-trainer.ts';

// Loads the modules here, so that the first test of a command does not time out.
beforeAll(async () => {
  for (const { load } of commandTable) await load();
}, 120_000);

describe('runCli', () => {
  it.each([[['--help']], [['-h']], [[]]])(
    'lists the commands in groups for %j, demo first, and writes nothing',
    async (argv) => {
      const folder = makeFolder();
      const { code, stdout, stderr } = await runHere(folder, ...argv);
      expect({ code, stderr, written: readdirSync(folder) }).toEqual({ code: 0, stderr: '', written: [] });
      expect(stdout.match(/^[A-Z][a-z-]+:$/gm)).toEqual(['Start:', 'Data:', 'Model:', 'Use:', 'Set-up:']);
      expect(stdout.split('\n')[2]).toMatch(/^ {2}demo +[A-Z]/);
      for (const command of [
        'prepare',
        'train',
        'evaluate',
        'recommend',
        'export',
        'import',
        'engines',
        'setup',
        'demo',
      ]) {
        expect(stdout).toMatch(new RegExp(`^  ${command} +[A-Z]`, 'm'));
      }
    },
  );

  it.each(['prepare', 'train', 'evaluate', 'recommend', 'export', 'import', 'engines', 'setup', 'demo'])(
    'shows examples for %s --help',
    async (command) => {
      const { code, stdout, stderr } = await runHere(makeFolder(), command, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`Examples:\n  trainer( ${command})?`));
    },
  );

  it('prints its version', async () => {
    const { code, stdout } = await runHere(makeFolder(), '--version');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [
      ['trian'],
      'Did you mean train? Unknown command "trian"; the commands are demo, prepare, inspect, forget, train, evaluate, compare, replay, tune, recommend, serve, playground, export, import, engines, setup, completion',
      '',
    ],
    [['demo', 'trian'], 'Unknown argument: trian', 'demo '],
    [['train', 'd', '--otput', 'm'], 'Did you mean --output? Missing required argument: output', 'train '],
    [['inspect', 'd', '--no-odrer'], 'Did you mean --order? Unknown argument: odrer', 'inspect '],
    [
      ['--events', '3000'],
      'Expected a command before --events; the commands are demo, prepare, inspect, forget, train, evaluate, compare, replay, tune, recommend, serve, playground, export, import, engines, setup, completion',
      '',
    ],
    [
      ['prepare', '--input', 'a', '--output', 'b', '--sesion-gap', 'c'],
      'Did you mean --session-gap? Unknown argument: sesion-gap',
      'prepare ',
    ],
    [['prepare', '--input', 'a', '--output', ''], '--output expected a string, got an empty one', 'prepare '],
    [
      ['prepare', '--input', 'a', '--output', 'b', '--columns', 'user=u', 'session=s'],
      '--columns user expected no column of sessions with it, got both. Give one of them.',
      'prepare ',
    ],
    [['evaluate', 'm', '--data', 'd', '--cutoffs'], '--cutoffs expected integers ≥ 1, got none', 'evaluate '],
    [['train'], 'train expected the folder of a dataset as its first argument, got none', 'train '],
    [['train', 'd'], 'Missing required argument: output', 'train '],
    [['train', '', '--output', 'm'], 'DATA expected a string, got an empty one', 'train '],
    [
      ['tune', 'd', '--space', 's', '--output', 'm', '--speed', '9'],
      'Did you mean --seed? Unknown argument: speed',
      'tune ',
    ],
    [['train', 'd', '--output'], 'Not enough arguments following: output', 'train '],
    [
      ['train', 'd', '--output', 'm', '--output', 'n'],
      '--output is given 2 times, but only once is allowed',
      'train ',
    ],
    [['tune'], 'tune expected the folder of a dataset as its first argument, got none', 'tune '],
    [
      ['train', 'd', '--output', 'm', '--engine', 'gpu'],
      'Invalid values: Argument: engine, Given: "gpu", Choices: "auto", "wasm", "tensorflow", "cuda", "reference", "wasm:native", "wasm:wasm", "wasm:avx512", "wasm:avx2", "wasm:neon"',
      'train ',
    ],
    [['demo', '--events', '1.5'], '--events expected an integer ≥ 1000, got "1.5"', 'demo '],
    [['train', 'd', '--output', 'm', '--set', 'layers'], '--set expected key=value, got "layers"', 'train '],
    [
      ['evaluate', 'm', '--data', 'd', '--cutoffs', '20', 'x'],
      '--cutoffs expected an integer ≥ 1, got "x"',
      'evaluate ',
    ],
    [
      ['evaluate', 'm', '--data', 'd', '--tie-rule', 'best'],
      'Invalid values: Argument: tie-rule, Given: "best", Choices: "standard", "conservative", "median"',
      'evaluate ',
    ],
    [['setup'], 'Not enough non-option arguments: got 0, need at least 1', 'setup '],
    [
      ['setup', 'pytorch'],
      'Invalid values: Argument: what, Given: "pytorch", Choices: "tensorflow", "kernels"',
      'setup ',
    ],
    [
      ['setup', 'tensorflow', '--version', 'newest'],
      '--version expected one such as 2.15.1, got "newest"',
      'setup ',
    ],
    [['setup', 'tensorflow', '--version'], 'Not enough arguments following: version', 'setup '],
    [['setup', 'kernels', '--gpu'], '--gpu is for setup tensorflow, not for setup kernels', 'setup '],
    [['setup', 'tensorflow', '--cuda'], 'Unknown argument: cuda', 'setup '],
    [['engines', 'wasm'], 'Unknown argument: wasm', 'engines '],
    [
      ['prepare', '--input', 'a', '--output', 'b', '--session-gap', '30m'],
      '--session-gap expected a column of users with it, got none: sessions with their own ids are not split. Name the column or omit the gap.',
      'prepare ',
    ],
    [
      ['prepare', '--input', 'a', '--output', 'b', '--columns', 'itm=sku'],
      'Did you mean item? --columns expected key=NAME with a key of session, item, time, user, type, context, events, got "itm=sku"',
      'prepare ',
    ],
    [
      ['compare', 'd', '--models', 'pop', '--seeds', '1', '2'],
      '--seeds expected a contender that depends on a seed, such as FILE.json, among --models, got none',
      'compare ',
    ],
    [
      ['compare', 'd', '--models', 'pop', '--engine', 'reference'],
      '--engine expected a model to train (FILE.json) among --models, got none',
      'compare ',
    ],
    [
      ['compare', 'd', '--models', 'v-sknm'],
      expect.stringMatching(/^Did you mean v-sknn\? --models expected a baseline \(/),
      'compare ',
    ],
    [
      ['recommend', 'm', '--session', '1,,2'],
      '--session expected item ids separated by commas, got an empty one',
      'recommend ',
    ],
  ])('refuses %j', async (argv, message, command) => {
    expect(await runHere(makeFolder(), ...argv)).toEqual({
      code: 2,
      stdout: '',
      stderr: typeof message === 'string' ? `${message}\nSee trainer ${command}--help\n` : message,
    });
  });
});
