import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { failing, ok, spawnTrainer, watchTrainer } from '../run-trainer.ts';
import { tinySpace, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation 2d');

beforeAll(async () => {
  await ok(folder(), 'prepare --input clicks.tsv --test 2d --output plain');
  writeFileSync(join(folder(), 'space.json'), JSON.stringify(tinySpace));
});

const tune = 'tune data --space space.json --parallel 1 --output';

describe('trainer tune', () => {
  it('finds the best trial, whose configuration reproduces the measured model', async () => {
    const { code, stderr } = await spawnTrainer(folder(), `${tune} study --trials 4`);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('4 complete, 0 pruned, 0 failed');
    const [, value, epoch] = /^Best mrr ([\d.]+) in trial \d+, epoch (\d+): study/m.exec(stderr) ?? [];
    const config = JSON.parse(readFileSync(join(folder(), 'study', 'best.json'), 'utf8'));
    expect(config).toMatchObject({ nSample: 16, batchSize: 8, nEpochs: Number(epoch) });
    await ok(folder(), 'train data --config study/best.json --output best --threads 1');
    const measured = await ok(folder(), 'evaluate best --data data --split validation --json');
    const { results, warnings } = JSON.parse(measured.stdout);
    expect(results[0].mrr.toFixed(4)).toBe(value);
    expect(warnings.join('\n')).toContain('GRU4Rec was tuned on the sessions evaluated here');
    const held = await ok(folder(), 'evaluate best --data data --json');
    expect(JSON.parse(held.stdout).warnings.join('\n')).not.toContain('was tuned on');
  });

  it('stops cleanly on SIGTERM and says how to resume', async () => {
    let asked = false;
    const { code, stderr } = await watchTrainer(folder(), `${tune} stopped --trials 50`, (child, text) => {
      if (!asked && /^trial 0 /m.test(text)) asked = child.kill('SIGTERM');
    });
    expect(code).toBe(143);
    expect(stderr).toContain('the same command continues');
  });

  it('takes its trial with it when it is killed', async () => {
    writeFileSync(join(folder(), 'endless.json'), JSON.stringify({ ...tinySpace, nEpochs: 1e6 }));
    const run = spawnTrainer(folder(), 'tune data --space endless.json --output endless --trials 1');
    const study = () => readFileSync(join(folder(), 'endless', 'study.jsonl'), 'utf8');
    await vi.waitFor(() => expect(study()).toContain('"step":2,'), 60_000);
    const pid = (...found: string[]) => Number(execFileSync('pgrep', ['-f', ...found], { encoding: 'utf8' }));
    const tune = pid('--', '--space endless.json');
    const trial = pid('-P', `${tune}`, 'trial-main');
    process.kill(tune, 'SIGKILL');
    await run;
    await vi.waitFor(() => expect(() => process.kill(trial, 0)).toThrow('ESRCH'), 10_000);
  });

  it('ranks a trial that diverges by its figures', async () => {
    writeFileSync(join(folder(), 'wild.json'), JSON.stringify({ ...tinySpace, learningRate: 1e9 }));
    const { code, stderr } = await spawnTrainer(
      folder(),
      'tune data --space wild.json --output wild --trials 1',
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('1 complete, 0 pruned, 0 failed');
  });

  it('never reads the test split', async () => {
    expect(await failing(folder(), 'tune plain --space space.json --output no')).toContain(
      'has no validation split, and tune never uses the test split',
    );
  });
});
