import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../src/command-table.ts';
import { parseCommand } from '../src/parse-command.ts';
import { runHere } from './run-trainer.ts';
import { useTinyShop } from './tiny-shop.ts';

const folder = useTinyShop();

/** Of evaluate and compare. */
const evaluation = {
  cutoffs: [20],
  split: 'test',
  protocol: 'next',
  tieRule: 'standard',
  excludeSeen: false,
  engine: 'auto',
};

/** The required options of each command, and the defaults of the others. */
const commands: readonly [name: string, least: readonly string[], defaults: Record<string, unknown>][] = [
  ['demo', [], { directory: '.gru4rec/demo', events: 100_000 }],
  ['init', ['l'], { overwrite: false }],
  [
    'prepare',
    ['--input', 'a', '--output', 'o'],
    { overwrite: false, forceKeep: false, collapseRepeats: false, append: false },
  ],
  ['inspect', ['d'], { json: false }],
  ['train', ['d', '--output', 'o'], { engine: 'auto', overwrite: false, newOnly: false, resume: false }],
  ['evaluate', ['m', '--data', 'd'], { baselines: true, parts: false, json: false, ...evaluation }],
  ['compare', ['d', '--models', 'pop'], { anyData: false, overwrite: false, ...evaluation }],
  ['replay', ['m', '--data', 'l'], { cutoff: 20, excludeSeen: false, json: false, engine: 'auto' }],
  ['tune', ['d', '--space', 's', '--output', 'o'], { trials: 50, seed: 42, metric: 'mrr', engine: 'auto' }],
  [
    'serve',
    ['m'],
    {
      ...{ port: 8080, host: '127.0.0.1', sessionStore: 'memory', sessionMinutes: 30 },
      ...{
        rememberMemory: 64,
        sessionMemory: 64,
        readOnly: false,
        sync: 'always',
        probeSeconds: 5,
        learn: false,
      },
      engine: 'auto',
    },
  ],
  ['impact', ['--events', 'e'], { json: false }],
  ['nightly', [], { anew: 30, versions: 7, json: false, engine: 'auto' }],
  ['models', [], { json: false }],
  ['rollback', [], {}],
  ['forget', ['s', '--data', 'd'], {}],
  ['recommend', ['m', '--session', '1'], { excludeSeen: false, explain: false, json: false }],
  ['playground', ['m'], { port: 8081, overwrite: false }],
  ['export', ['m', '--format', 'onnx', '--output', 'o'], { overwrite: false }],
  ['import', ['--safetensors', 'f', '--output', 'o'], { overwrite: false }],
  ['engines', [], {}],
  ['setup', ['tensorflow'], { gpu: false }],
];

/** The arguments that a command receives. */
async function parsed(name: string, argv: readonly string[]): Promise<object> {
  const { command } = (await commandTable.find((known) => known.name === name)?.load()) ?? {};
  if (!command) throw new Error(`No command ${name}`);
  return (await parseCommand(name, command, [name, ...argv])).args ?? {};
}

const isCamelCase = (key: string) => /^[a-z]+([A-Z][a-z]+)*$/.test(key);

describe('an option that is left out', () => {
  it('is listed here for every command', () => {
    expect(commands.map(([name]) => name)).toEqual(commandTable.map(({ name }) => name));
  });

  it.each(commands)('has its default for %s', async (name, least, defaults) => {
    const args = await parsed(name, least);
    const others = Object.entries(args).filter(
      ([key, value]) => isCamelCase(key) && value !== undefined && !least.includes(String(value)),
    );
    expect(Object.fromEntries(others)).toEqual(defaults);
  });

  it.each(commands)('has the default that the help of %s states', async (name, least, defaults) => {
    const { stdout } = await runHere(folder(), name, '--help');
    const line = stdout.replaceAll(/\s+/g, ' ');
    const shown = [...line.matchAll(/ --([a-z][a-z-]*) ((?:(?! --[a-z]).)*?)\[default: ([^\]]+)\]/g)];
    const own = shown.filter(([, option = '']) => !least.includes(`--${option}`));
    const stated = own.map(([, option = '', , value = '']) => [option, value.replaceAll('"', '')]);
    const used = Object.entries(defaults).filter(([, value]) => value !== false);
    const expected = used.map(([key, value]) => [
      key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
      String(value),
    ]);
    expect(stated.sort()).toEqual(expected.sort());
  });

  it('has the default that prepare records and its help states', async () => {
    const { preparation } = JSON.parse(readFileSync(join(folder(), 'data', 'dataset.json'), 'utf8'));
    expect(preparation.options).toMatchObject({
      ...{ sessionColumn: 'SessionId', itemColumn: 'ItemId', timeColumn: 'Time', onBadRow: 'fail' },
      ...{ sessionGapMs: 30 * 60_000, minSessionLength: 2, minItemSupport: 1 },
      collapseRepeats: false,
    });
    const { stdout } = await runHere(folder(), 'prepare --help');
    const stated = [
      ...stdout.replaceAll(/\s+/g, ' ').matchAll(/ --([a-z-]+) (?:(?! --[a-z]).)*?; (\w+) if not given/g),
    ];
    expect(Object.fromEntries(stated.map(([, option, value]) => [option, value]))).toMatchObject({
      ...{ 'session-gap': '30m', 'min-item-support': '1' },
    });
  });
});
