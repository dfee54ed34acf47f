import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere, startTrainer } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const inFolder = (name: string) => join(folder(), name);

beforeAll(async () => {
  await runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--output', 'all');
});

const replayOf = async (...argv: string[]) => runHere(folder(), 'replay', 'model', ...argv);

describe('trainer replay --record', () => {
  it('goes on after it was killed, with the figures of an undisturbed run', async () => {
    const argv = ['--data', 'all', '--every', '1h', '--json', '--record'];
    const whole = JSON.parse((await replayOf(...argv, 'whole.jsonl')).stdout);
    const child = startTrainer(folder(), 'replay', 'model', ...argv, 'killed.jsonl');
    const ended = new Promise((resolve) => child.on('close', resolve));
    const lines = () =>
      existsSync(inFolder('killed.jsonl'))
        ? readFileSync(inFolder('killed.jsonl'), 'utf8').split('\n').length
        : 0;
    await expect.poll(lines, { interval: 5, timeout: 15_000 }).toBeGreaterThan(10);
    child.kill('SIGKILL');
    await ended;
    const before = lines();
    const again = JSON.parse((await replayOf(...argv, 'killed.jsonl')).stdout);
    expect(before).toBeLessThan(lines());
    expect(again.periods).toEqual(whole.periods);
    expect(await replayOf('--data', 'all', '--every', '2h', '--record', 'killed.jsonl')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--record expected a new file'),
    });
  });
});
