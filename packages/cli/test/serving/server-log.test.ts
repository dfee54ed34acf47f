import { Writable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { logConsole, serverLog } from '../../src/serving/server-log.ts';
import { terminalOn } from '../../src/terminal/terminal.ts';

it('logs what a library writes to the console as one line of JSON each, without stacks', () => {
  let written = '';
  const stderr = new Writable({
    write(chunk, _, done) {
      written += chunk;
      done();
    },
  });
  const log = serverLog(terminalOn({ stdout: stderr, stderr, directory: '/' }));
  const { error } = console;
  const giveBack = logConsole(log);
  onTestFinished(giveBack);
  console.error(new Error('No space left on device'));
  console.warn('value %s\nis', 'x', new RangeError('odd'));
  giveBack();
  expect(console.error).toBe(error);
  expect(
    written
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    expect.objectContaining({
      level: 50,
      error: 'No space left on device',
      msg: 'A library reports an error',
    }),
    expect.objectContaining({ level: 40, error: 'value x\nis odd', msg: 'A library warns' }),
  ]);
});
