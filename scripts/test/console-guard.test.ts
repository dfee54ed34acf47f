import { expect, it } from 'vitest';
import { guardConsole } from '../vitest/console-guard.ts';

it('the guard reports each call of the console once, with what it said', () => {
  const guarded = Object.create(console) as Console;
  const check = guardConsole(guarded);
  for (const method of ['debug', 'error', 'info', 'log', 'warn'] as const) {
    guarded[method]('loss %d', 2);
    expect(check).toThrow(`expected no console output, got console.${method}: loss 2.`);
    expect(check).not.toThrow();
  }
});
