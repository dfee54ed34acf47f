import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from './run-trainer.ts';

describe('runCli', () => {
  it('lists the commands for --help on standard output', async () => {
    const { code, stdout, stderr } = await runHere(makeFolder(), '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
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
      expect(stdout).toContain(`trainer ${command} `);
    }
  });

  it.each(['prepare', 'train', 'evaluate', 'recommend', 'export', 'import', 'engines', 'setup', 'demo'])(
    'shows examples for %s --help',
    async (command) => {
      const { code, stdout, stderr } = await runHere(makeFolder(), command, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`Examples:\n  trainer( ${command})?`));
    },
  );

  it('tells its version', async () => {
    const { code, stdout } = await runHere(makeFolder(), '--version');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [
      ['trian'],
      'Unknown command "trian"; the commands are prepare, train, evaluate, compare, tune, recommend, explain, export, import, engines, setup, demo',
      '',
    ],
    [['demo', 'trian'], 'Unknown argument: trian', 'demo '],
    [['--data', 'x'], 'Unknown argument: data', ''],
    [
      ['prepare', '--input', 'a', '--output', 'b', '--sesion-column', 'c'],
      'Unknown argument: sesion-column',
      'prepare ',
    ],
    [['prepare', '--input', 'a', '--output', ''], '--output expected a text, got an empty one', 'prepare '],
    [
      ['prepare', '--input', 'a', '--output', 'b', '--test-days', '1', '--test-input', 'c'],
      '--test-days expected no --test-input beside it, got both. Give one of them.',
      'prepare ',
    ],
    [
      ['evaluate', '--model', 'm', '--data', 'd', '--cutoffs'],
      '--cutoffs expected integers ≥ 1, got none',
      'evaluate ',
    ],
    [['train'], 'Missing required arguments: data, output', 'train '],
    [['train', '--data', 'd', '--output', 'm', '--speed', '9'], 'Unknown argument: speed', 'train '],
    [['train', '--data', '--output', 'm'], 'Not enough arguments following: data', 'train '],
    [
      ['train', '--data', 'd', '--data', 'e', '--output', 'm'],
      '--data is given 2 times; once is allowed',
      'train ',
    ],
    [
      ['train', '--data', 'd', '--output', 'm', '--engine', 'gpu'],
      'Invalid values: Argument: engine, Given: "gpu", Choices: "auto", "wasm", "tensorflow", "cuda", "reference"',
      'train ',
    ],
    [
      ['train', '--data', 'd', '--output', 'm', '--seed', '1.5'],
      '--seed expected an integer ≥ 0, got "1.5"',
      'train ',
    ],
    [
      ['train', '--data', 'd', '--output', 'm', '--epochs', '0'],
      '--epochs expected an integer ≥ 1, got "0"',
      'train ',
    ],
    [
      ['train', '--data', 'd', '--output', 'm', '--set', 'layers'],
      '--set expected key=value, got "layers"',
      'train ',
    ],
    [
      ['evaluate', '--model', 'm', '--data', 'd', '--cutoffs', '20', 'x'],
      '--cutoffs expected an integer ≥ 1, got "x"',
      'evaluate ',
    ],
    [
      ['evaluate', '--model', 'm', '--data', 'd', '--tie-rule', 'best'],
      'Invalid values: Argument: tie-rule, Given: "best", Choices: "standard", "conservative", "median"',
      'evaluate ',
    ],
    [
      ['train', '--data', 'd', '--output', 'm', '--any-engine'],
      '--any-engine expected --resume beside it',
      'train ',
    ],
    [['setup'], 'Not enough non-option arguments: got 0, need at least 1', 'setup '],
    [
      ['setup', 'pytorch'],
      'Invalid values: Argument: what, Given: "pytorch", Choices: "tensorflow"',
      'setup ',
    ],
    [
      ['setup', 'tensorflow', '--from', 'source'],
      'Invalid values: Argument: from, Given: "source", Choices: "wheel", "official"',
      'setup ',
    ],
    [
      ['setup', 'tensorflow', '--version', 'newest'],
      '--version expected one such as 2.15.1, got "newest"',
      'setup ',
    ],
    [['setup', 'tensorflow', '--version'], 'Not enough arguments following: version', 'setup '],
    [['setup', 'tensorflow', '--folder', ''], '--folder expected a text, got an empty one', 'setup '],
    [['setup', 'tensorflow', '--cuda'], 'Unknown argument: cuda', 'setup '],
    [['engines', 'wasm'], 'Unknown argument: wasm', 'engines '],
    [
      ['recommend', '--model', 'm', '--session', '1,,2'],
      '--session expected item ids separated by commas, got an empty one',
      'recommend ',
    ],
  ])('refuses %j', async (argv, message, command) => {
    expect(await runHere(makeFolder(), ...argv)).toEqual({
      code: 2,
      stdout: '',
      stderr: `${message}\nSee trainer ${command}--help\n`,
    });
  });
});
