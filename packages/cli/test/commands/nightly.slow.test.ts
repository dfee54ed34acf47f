import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gru4Rec, readModel } from '@gru4rec/model';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isHeldOut } from '../../src/nightly/nightly.ts';
import { versionsIn, writeRecord } from '../../src/project/versions.ts';
import {
  clicksOf,
  currentOf,
  DAY_MS,
  dayOf,
  logDay,
  recordOf,
  robotsOf,
  sessionsOf,
  startMs,
  useNightlyShop,
} from '../nightly-shop.ts';
import { ok, runHere } from '../run-trainer.ts';

const makeShop = useNightlyShop();

describe('nightly', () => {
  it('refuses a worse model with exit code 3 until the command of the refusal has removed what is strange', async () => {
    const folder = makeShop();
    for (const day of [10, 11, 12]) logDay(folder, day);
    await ok(folder, 'nightly');
    const good = currentOf(folder);
    const recordOfLast = () => recordOf(folder, versionsIn(join(folder, 'models')).at(-1) ?? '');
    const judgesOf = (...days: readonly number[]) =>
      days.flatMap(clicksOf).filter(({ visitor }, click) => click % 4 === 0 && isHeldOut(visitor)).length;
    // Robots walk backwards, ten times as many as the visitors; some are held out, and would judge in their favour.
    const robots = robotsOf(13, 2400).filter(({ visitor }, at) => !isHeldOut(visitor) || at < 400);
    const clicks = Array.from({ length: 40 }, (_, at) => ({
      visitor: 'clicker',
      item: 'p7',
      ms: startMs + 13 * DAY_MS + at * 100,
    }));
    logDay(folder, 13, [...clicksOf(13), ...robots, ...clicks]);
    const bad = await runHere(folder, 'nightly');
    expect(bad.stderr).toContain(`${recordOfLast().version} is significantly worse: ${good} stays current\n`);
    expect([bad.code, currentOf(folder)]).toEqual([3, good]);
    const times = '2026-05-14T00:00Z to 2026-05-14T00:00Z';
    expect(bad.stderr).toContain(`1 session with 20 clicks or more, ${times}: "clicker"`);
    expect(bad.stderr).toContain(`1 session with 5 clicks or more, all on one item, ${times}: "clicker"`);
    expect(bad.stderr).toContain(
      `1 session with 5 clicks or more, 2 per second or more, ${times}: "clicker"`,
    );
    expect(bad.stderr).toMatch(
      / sessions of new visitors, in hours with 24 sessions or more, .*: "robot0", /,
    );
    expect((await runHere(folder, 'nightly')).code).toBe(0);
    expect(currentOf(folder)).toBe(good);

    logDay(folder, 14);
    const next = await runHere(folder, 'nightly');
    expect([next.code, currentOf(folder)]).toEqual([3, good]);
    expect(recordOfLast()).toMatchObject({
      from: good,
      verdict: { sessions: judgesOf(10, 11, 12, 14) },
    });

    const [, file = ''] = / forget --file (\S+) removes them\n/.exec(next.stderr) ?? [];
    const before = sessionsOf(folder);
    await ok(folder, `forget --file ${file}`);
    expect(before - sessionsOf(folder)).toBe(new Set(robots.map(({ visitor }) => visitor)).size + 1);
    expect(existsSync(join(folder, file))).toBe(false);
    logDay(folder, 15);
    await ok(folder, 'nightly');
    expect(recordOfLast()).toMatchObject({
      version: currentOf(folder),
      verdict: { sessions: judgesOf(10, 11, 12, 15) },
    });
  }, 60_000);

  it('refuses what many nights lost, trains anew the next night, and says what continuing has cost', async () => {
    const folder = makeShop();
    logDay(folder, 10);
    const first = JSON.parse((await ok(folder, 'nightly --json')).stdout).made;
    expect(first.verdict.evidence).toHaveLength(4);
    logDay(folder, 11);
    await ok(folder, 'nightly');
    const current = currentOf(folder);
    const record = recordOf(folder, current);
    // The second night goes on with the evidence of the first.
    expect(record.verdict?.evidence).not.toEqual(first.verdict.evidence);
    const verdict = record.verdict && { ...record.verdict, evidence: [1e9, 1e9, 1e9, 1e9] };
    await writeRecord(join(folder, 'models'), { ...record, verdict });
    logDay(folder, 12);
    const slow = await runHere(folder, 'nightly');
    expect(slow.stderr).toMatch(
      / is significantly worse with the nights before it, and the next one trains anew: .* stays current\n/,
    );
    expect([slow.code, currentOf(folder)]).toEqual([3, current]);
    logDay(folder, 13);
    const anew = await ok(folder, 'nightly --json');
    expect(JSON.parse(anew.stdout).made).toMatchObject({ how: 'trained' });
    expect(anew.stderr).toMatch(
      /Continuing for 2 nights has cost -?\d+\.\d % \(95 % interval .* to .*\) of recall@20 and .* of MRR@20\n/,
    );
  });

  it('trains anew after a number of nights, and where no model is current', async () => {
    const folder = makeShop();
    rmSync(join(folder, 'models'), { recursive: true });
    logDay(folder, 10);
    const made = async () =>
      JSON.parse((await ok(folder, 'nightly --json --anew 2 --versions 1')).stdout).made.how;
    expect(await made()).toBe('trained');
    logDay(folder, 11);
    expect(await made()).toBe('continued');
    // The versions before are removed by now.
    logDay(folder, 12);
    expect(await made()).toBe('continued');
    logDay(folder, 13);
    expect(await made()).toBe('trained');
    expect(existsSync(join(folder, 'models', currentOf(folder), 'model.json'))).toBe(true);
  });

  it('waits for the end of a day, and is content with a day without sessions', async () => {
    const folder = makeShop();
    const before = sessionsOf(folder);
    const nothing = `Nothing to append: ${dayOf(10)} has no session that is long enough\n`;
    for (const clicks of [[], clicksOf(10).filter((_, at) => at % 4 === 0)]) {
      const file = logDay(folder, 10, clicks);
      expect((await ok(folder, 'nightly')).stderr).toContain(nothing);
      utimesSync(file, new Date(), new Date());
    }
    const open = await ok(folder, 'nightly');
    expect(open.stderr).toContain(`${dayOf(10)}.jsonl may still grow`);
    expect(open.stderr).not.toContain('Nothing to append');
    writeFileSync(join(folder, 'events', `${dayOf(11)}.jsonl`), '');
    expect((await ok(folder, 'nightly')).stderr).toContain('may still grow');
    const later = logDay(folder, 11, []);
    utimesSync(later, new Date(), new Date());
    expect((await ok(folder, 'nightly')).stderr).toContain(nothing);
    // A clock that is a day ahead of the disk's does not end today.
    const today = Math.floor((Date.now() - startMs) / DAY_MS);
    const written = logDay(folder, today);
    utimesSync(written, new Date(), new Date());
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DAY_MS });
    onTestFinished(() => void vi.useRealTimers());
    expect((await ok(folder, 'nightly')).stderr).toContain(
      `Nothing to append: ${dayOf(10)} to ${dayOf(11)} `,
    );
    expect(sessionsOf(folder)).toBe(before);
  });

  it('gives a model no credit for scores that are all the same', async () => {
    const folder = makeShop();
    const version = currentOf(folder);
    const model = join(folder, 'models', version);
    const stored = await readModel(model);
    stored.tensors.find(({ name }) => name === 'by')?.values.fill(1e9);
    rmSync(model, { recursive: true });
    const even = new Gru4Rec({ ...stored, engine: createReferenceEngine() });
    await even.save(model, stored.dataset && { dataset: stored.dataset });
    for (const day of [10, 11]) logDay(folder, day);
    await runHere(folder, 'nightly');
    const { verdict } = recordOf(folder, versionsIn(join(folder, 'models')).at(-1) ?? '');
    expect(verdict?.before).toEqual({ recall: 0, mrr: 0 });
  });
});
