import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { failing, ok, runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();

beforeAll(async () => {
  await trainTiny(folder(), 'new');
  const weak = 'parts=network layers=4 nSample=8 learningRate=0.0001 nEpochs=1';
  await ok(folder(), `train data --output old --set ${weak}`);
  await ok(folder(), 'prepare --input clicks.tsv --test 1d --output later');
}, 60_000);

const compare = (...argv: string[]) =>
  runHere(folder(), 'compare data --output report --models new old --gate', ...argv);
const read = (name: string) => readFileSync(join(folder(), 'report', name), 'utf8');
const passed = () => JSON.parse(read('report.json')).gates.map((gate: { passed: boolean }) => gate.passed);

describe('trainer compare with trained models', () => {
  it('exits with 0 if all gates pass, and with 1 and the report if one fails', async () => {
    const gates = ['new >= old recall@20', 'new > old recall@20 - 0.05'];
    const all = await compare(...gates);
    expect(all.code).toBe(0);
    expect(all.stderr).toMatch(
      /^Gate new >= old recall@20 passed: \+0\.\d{4}, 95 % \+0\.\d{4} to \+0\.\d{4}$/m,
    );
    expect(passed()).toEqual([true, true]);
    const failed = await compare(...gates, 'old >= new mrr@20');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /^Gate old >= new mrr@20 failed: −0\.\d{4}, 95 % −.*\n1 of 3 gates failed\n$/m,
    );
    expect(passed()).toEqual([true, true, false]);
    expect(read('report.md')).toContain('- old \\>= new mrr@20 failed: ');
  });

  it('refuses a model of another dataset, unless --any-data', async () => {
    const on = 'compare later --output report --models new pop';
    expect(await failing(folder(), on)).toMatch(
      /^--models new was trained on data \(checksum \w{12}…\), not on .*later \(\w{12}…\), so its training may contain /,
    );
    const allowed = await runHere(folder(), `${on} --any-data`);
    // The later dataset may have an item more; then no flag helps.
    if (allowed.code === 0) expect(read('report.json')).toContain('its training may contain the sessions');
    else expect(allowed.stderr).toContain('it does not know');
  });
});
