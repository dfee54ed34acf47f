import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, ok, runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();

beforeAll(async () => {
  const weak = ['--set', 'parts=network', 'layers=4', 'nSample=8', 'learningRate=0.0001', 'nEpochs=1'];
  await trainTiny(folder(), 'new');
  await ok(folder(), 'train data --output old', ...weak);
  await ok(folder(), 'prepare --input clicks.tsv --test 1d --output later');
}, 60_000);

const compare = (...argv: string[]): Promise<Outcome> =>
  runHere(folder(), 'compare', 'data', '--output', 'report', '--models', ...argv);

interface Report {
  readonly models: readonly { name: string; runs: number; results: { recall: { mean: number } }[] }[];
  readonly warnings: readonly string[];
  readonly gates: readonly { gate: string; passed: boolean; difference: number; interval: number[] }[];
}
const report = (): Report => JSON.parse(readFileSync(join(folder(), 'report', 'report.json'), 'utf8'));

describe('trainer compare with trained models', () => {
  it('exits with 0 if all gates pass, and with 1 and the report if one fails', async () => {
    const gates = ['--gate', 'new >= old recall@20', 'new > old recall@20 - 0.05'];
    const passed = await compare('new', 'old', ...gates);
    expect(passed.code).toBe(0);
    expect(passed.stderr).toMatch(
      /^Gate new >= old recall@20 passed: \+0\.\d{4}, 95 % \+0\.\d{4} to \+0\.\d{4}$/m,
    );
    expect(report().gates.map(({ passed: p }) => p)).toEqual([true, true]);
    const failed = await compare('new', 'old', ...gates, 'old >= new mrr@20');
    expect(failed.code).toBe(1);
    expect(failed.stderr.trimEnd().split('\n').slice(-2)).toEqual([
      expect.stringMatching(/^Gate old >= new mrr@20 failed: −0\.\d{4}, 95 % −/),
      '1 of 3 gates failed',
    ]);
    expect(report().gates.map(({ passed: p }) => p)).toEqual([true, true, false]);
    expect(readFileSync(join(folder(), 'report', 'report.md'), 'utf8')).toContain(
      '- old \\>= new mrr@20 failed: ',
    );
  });

  it('refuses a model of another dataset, unless --any-data', async () => {
    const on = ['compare', 'later', '--output', 'report', '--models', 'new', 'pop'];
    const { code, stderr } = await runHere(folder(), ...on);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^--models new was trained on data \(checksum \w{12}…\), not on .*later \(\w{12}…\), so its training may contain /,
      ),
    });
    const allowed = await runHere(folder(), ...on, '--any-data');
    // The later dataset may have an item more; then no flag helps.
    if (allowed.code === 0) {
      expect(report().warnings.join()).toContain('its training may contain the sessions that it is');
    } else expect(allowed.stderr).toContain('it does not know');
  });
});
