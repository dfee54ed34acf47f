import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { useTinyShop } from '../../../packages/cli/test/tiny-shop.ts';
import { LaunchedTraining, ways } from './launched.ts';

const folder = useTinyShop();
const MOST_MS = 5000;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const cases = Object.keys(ways).flatMap((way) => [
  ...signals.flatMap((signal) => [
    ...(['top', 'group'] as const).map((target) => ({ way, signal, target })),
    ...(way === 'start.mjs' ? [] : [{ way, signal, target: 'trainer' as const }]),
  ]),
  ...(way === 'start.mjs' ? [] : [{ way, signal: 'SIGKILL' as const, target: 'top' as const }]),
]);

describe('a run started by a launcher', () => {
  it.for(cases)('ends within 5 s: $way, $signal to $target', async ({ way, signal, target }, ctx) => {
    if (process.platform === 'win32') ctx.skip('no signals on Windows');
    const command = ways[way]?.();
    if (command === undefined) return ctx.skip('npm has no pnpm of the pinned version');
    const run = new LaunchedTraining(command, folder());
    await run.epochs(2);
    const processes = run.processes();
    expect(processes).toHaveLength(way === 'start.mjs' ? 1 : 2);
    const [top = 0, trainer = top] = processes;
    const sent = performance.now();
    run.kill(signal, { top, trainer, group: 'group' as const }[target]);
    expect(await run.status()).toBe(128 + constants.signals[signal]);
    await run.gone();
    expect(run.checkpoints()).toHaveLength(1);
    expect(performance.now() - sent).toBeLessThan(MOST_MS);
  });
});
