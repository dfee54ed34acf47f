import { constants } from 'node:os';
import { beforeEach, describe, expect, it } from 'vitest';
import { useTinyShop } from '../../../packages/cli/test/tiny-shop.ts';
import { LaunchedTraining, ways } from './launched.ts';

const folder = useTinyShop();

beforeEach((ctx) => {
  if (process.platform === 'win32') ctx.skip('no signals on Windows');
});

async function start(prefix: readonly string[] = []): Promise<LaunchedTraining> {
  const npm = ways['npm start']?.();
  if (npm === undefined) throw new Error('Node comes with npm');
  const [file, ...args] = [...prefix, npm.file, ...npm.args] as [string, ...string[]];
  const run = new LaunchedTraining({ file, args }, folder());
  await run.epochs(2);
  return run;
}

describe('npm start -- train', () => {
  it.each([
    ['SIGTERM', 'npm'],
    ['SIGHUP', 'npm'],
    ['SIGKILL', 'npm'],
    ['SIGINT', 'the group'],
  ] as const)('saves a checkpoint and ends with %s to %s', async (signal, target) => {
    const run = await start();
    const [npm = 0, ...below] = run.processes();
    expect(below).toHaveLength(1);
    run.kill(signal, target === 'npm' ? npm : 'group');
    expect(await run.status()).toBe(128 + constants.signals[signal]);
    await run.gone();
    expect(run.checkpoints()).toHaveLength(1);
  });

  it('continues under nohup when the terminal hangs up', async () => {
    const run = await start(['bash', '-c', 'nohup "$@"', 'bash']);
    const trainer = run.processes().at(-1) ?? 0;
    run.kill('SIGHUP', 'group');
    await run.epochs(2);
    run.kill('SIGTERM', trainer);
    await run.gone();
    expect(run.checkpoints()).toHaveLength(1);
  });
});
