import { describe, expect, it, vi } from 'vitest';
import { runCli } from '../src/cli.ts';
import { Sink } from './run-trainer.ts';

vi.mock('../src/command-table.ts', () => {
  const entry = (name: string, options: object, run: () => unknown) => ({
    ...{ name, describe: name },
    load: async () => ({ command: { usage: '', examples: [], options, run } }),
  });
  const throwing = (error: Error) => () => {
    throw error;
  };
  return {
    commandTable: [
      entry(
        'options',
        { a: { fallback: '1', parse: throwing(new RangeError('Maximum call stack size exceeded')) } },
        () => {},
      ),
      entry('work', {}, throwing(new TypeError('x is not iterable'))),
      { ...entry('load', {}, () => {}), load: throwing(new Error('Cannot find module \n y')) },
    ],
    commandGroups: {},
  };
});

async function run(command: string, debug = false) {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const code = await runCli([command], { stdout, stderr, directory: '/', debug });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

describe('runCli, errors other than usage errors', () => {
  it.each([
    [
      'options',
      /^Unexpected error: RangeError: Maximum call stack size exceeded\. This is a mistake [^\n]*\n$/,
    ],
    ['work', /^Unexpected error: TypeError: x is not iterable\. This is a mistake [^\n]*\n$/],
    ['load', /^Cannot find module y\n$/],
  ])('exits with 1 and one line for %s, without a hint at --help', async (command, line) => {
    const { code, stdout, stderr } = await run(command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(line);
  });

  it('adds the stack in debug mode', async () => {
    expect((await run('work', true)).stderr).toMatch(/\n {4}at .*cli-failures\.isolated/);
  });
});
