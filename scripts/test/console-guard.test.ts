import { describe, expect, it } from 'vitest';
import { ConsoleGuard } from '../vitest/console-guard.ts';

function guardedConsole(): { guarded: Console; guard: ConsoleGuard } {
  const guarded = Object.create(console) as Console;
  const guard = new ConsoleGuard(guarded);
  guard.install();
  return { guarded, guard };
}

describe('ConsoleGuard', () => {
  it.each(['debug', 'error', 'info', 'log', 'warn'] as const)(
    'reports console.%s with what it said',
    (method) => {
      const { guarded, guard } = guardedConsole();
      guarded[method]('loss %d', 2);
      expect(() => guard.check()).toThrow(`expected no console output, got console.${method}: loss 2.`);
    },
  );

  it('reports each call once', () => {
    const { guarded, guard } = guardedConsole();
    guarded.log('once');
    expect(() => guard.check()).toThrow('console.log: once');
    expect(() => guard.check()).not.toThrow();
  });
});
