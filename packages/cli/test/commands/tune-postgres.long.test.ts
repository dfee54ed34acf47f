import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresServer, postgresForTests } from '@gru4rec/test-support';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runHere, spawnTrainer } from '../run-trainer.ts';
import { tinySpace, useTinyShop } from '../tiny-shop.ts';

const found = postgresForTests(process.env);
const folder = useTinyShop('--validation', '2d');
let server: PostgresServer;

beforeAll(async () => {
  if (!found.missing) server = await PostgresServer.start(found);
  writeFileSync(join(folder(), 'space.json'), JSON.stringify(tinySpace));
});
afterAll(() => server?.close());
beforeEach((ctx) => {
  if (found.missing) ctx.skip(found.missing);
});

const words = (output: string, storage: string, ...more: string[]) => [
  ...['tune', 'data', '--space', 'space.json', '--output', output, '--storage', storage],
  ...['--trials', '3', '--parallel', '1', ...more],
];

describe('trainer tune --storage', () => {
  it('shares a study between processes, which find the same result', async () => {
    const tune = (output: string) => spawnTrainer(folder(), ...words(`${output}/shop`, server.url()));
    const outcomes = await Promise.all([tune('one'), tune('two')]);
    const reported = outcomes.flatMap(({ stderr }) => [...stderr.matchAll(/^trial (\d+) /gm)]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(reported.map(([, number]) => Number(number)).sort()).toEqual([0, 1, 2]);
    const summary = /^3 complete, 0 pruned, 0 failed\nBest mrr 0\.\d{4} in trial \d, epoch (\d+): /m;
    const [one, two] = outcomes.map(({ stderr }) => summary.exec(stderr));
    expect(two?.[0]).toBe(one?.[0]);
    const best = (output: string) => readFileSync(join(folder(), output, 'shop', 'best.json'), 'utf8');
    expect(best('two')).toBe(best('one'));
    expect(JSON.parse(best('one'))).toMatchObject({ nEpochs: Number(one?.[1]) });
    expect(existsSync(join(folder(), 'one', 'shop', 'study.jsonl'))).toBe(false);
    const again = await runHere(folder(), ...words('three/shop', server.url()));
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^3 complete, 0 pruned, 0 failed\n/),
    });
    expect(best('three')).toBe(best('one'));
  });
});
