import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lockOutput } from '@gru4rec/durable-files';
import { Gru4Rec, readModel } from '@gru4rec/model';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isHeldOut } from '../../src/nightly/nightly.ts';
import { readRecord, versionsIn, writeRecord } from '../../src/project/versions.ts';
import { makeFolder, ok, runHere, runWatched } from '../run-trainer.ts';

const DAY_MS = 86_400_000;
const startMs = Date.parse('2026-05-01');
const dayOf = (day: number) => new Date(startMs + day * DAY_MS).toISOString().slice(0, 10);

/** Clicks of a day: visitors walk along a ring of items. */
function clicksOf(day: number): { visitor: string; item: string; ms: number }[] {
  return Array.from({ length: 240 }, (_, visit) =>
    Array.from({ length: 4 }, (_, at) => ({
      visitor: `v${(visit * 7 + day * 11) % 400}`,
      item: `p${(visit + at) % 100}`,
      ms: startMs + day * DAY_MS + visit * 300_000 + at * 1000,
    })),
  ).flat();
}

/** A project with ten days of clicks under names of its own, and a model. */
let shop = '';
beforeAll(async () => {
  const folder = makeFolder(afterAll);
  const clicks = Array.from({ length: 10 }, (_, day) => clicksOf(day)).flat();
  const rows = clicks.map(({ visitor, item, ms }) => `${new Date(ms).toISOString()};${visitor};${item};view`);
  writeFileSync(join(folder, 'clicks.csv'), ['at;visitor;sku;kind', ...rows, ''].join('\n'));
  const project = {
    log: 'clicks.csv',
    columns: { user: 'visitor', item: 'sku', time: 'at', type: 'kind' },
    train: { config: 'fast', set: ['nEpochs=3', 'layers=16'] },
  };
  writeFileSync(join(folder, 'gru4rec.json'), JSON.stringify(project));
  await ok(folder, 'prepare');
  await ok(folder, 'train');
  shop = folder;
}, 60_000);

function makeShop(): string {
  const folder = makeFolder();
  cpSync(shop, folder, { recursive: true });
  return folder;
}

/** A file of the event log, as `serve` writes it, last written at the end of its day. @returns its path. */
function logDay(folder: string, day: number, clicks = clicksOf(day)): string {
  mkdirSync(join(folder, 'events'), { recursive: true });
  const lines = clicks.map(({ visitor, item, ms }) =>
    JSON.stringify({
      SessionId: visitor,
      ItemId: item,
      Time: new Date(ms).toISOString(),
      Type: 'view',
      Model: 'm',
    }),
  );
  const first = JSON.stringify({ EventLog: 'gru4rec', Day: dayOf(day) });
  const file = join(folder, 'events', `${dayOf(day)}.jsonl`);
  writeFileSync(file, [first, ...lines, ''].join('\n'));
  utimesSync(file, new Date(dayOf(day + 1)), new Date(dayOf(day + 1)));
  return file;
}

const currentOf = (folder: string) => readFileSync(join(folder, 'models', 'current'), 'utf8').trim();
const sessionsOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'data', 'dataset.json'), 'utf8')).counts.splits.train.sessions;

/** Visits of robots, which walk backwards, all day. */
function robotsOf(day: number, robots: number): ReturnType<typeof clicksOf> {
  return Array.from({ length: robots }, (_, robot) =>
    Array.from({ length: 4 }, (_, at) => ({
      visitor: `robot${robot}`,
      item: `p${(robot + 100 - at) % 100}`,
      ms: startMs + day * DAY_MS + robot * 30_000 + at * 1000,
    })),
  ).flat();
}

const recordOf = (folder: string, version: string) => {
  const record = readRecord(join(folder, 'models'), version);
  if (!record) throw new Error(`${version} has no record`);
  return record;
};

describe('nightly', () => {
  it('adds days once, makes the new version current, and does nothing the second time', async () => {
    const folder = makeShop();
    const first = currentOf(folder);
    const before = sessionsOf(folder);
    for (const day of [10, 11]) logDay(folder, day);
    // Half of it was compressed when gzip was interrupted.
    const whole = readFileSync(join(folder, 'events', `${dayOf(11)}.jsonl`), 'utf8');
    const half = gzipSync(whole.slice(0, whole.length / 2));
    writeFileSync(join(folder, 'events', `${dayOf(11)}.jsonl.gz`), half);
    // A killed night leaves it.
    const leftover = join(folder, 'models', '.2026-05-11T0015Z.work-aB3dE6');
    mkdirSync(join(leftover, 'whole'), { recursive: true });
    writeFileSync(join(leftover, 'lock'), '');
    const night = await ok(folder, 'nightly --json');
    expect(existsSync(leftover)).toBe(false);
    expect(night.stderr).toContain(
      `Appended ${dayOf(10)} to ${dayOf(11)}: 480 sessions of 1,920 events, 0 new items`,
    );
    const second = currentOf(folder);
    expect(second).not.toBe(first);
    expect(JSON.parse(night.stdout)).toMatchObject({
      days: [dayOf(10), dayOf(11)],
      current: second,
      made: { how: 'continued', from: first, verdict: { isWorse: false } },
    });
    expect(sessionsOf(folder)).toBe(before + 480);
    const model = JSON.parse(readFileSync(join(folder, 'models', second, 'model.json'), 'utf8'));
    expect(model.dataset).toMatchObject({ logThrough: dayOf(11) });
    const again = await ok(folder, 'nightly');
    expect(again.stderr).toContain('nothing to do');
    expect([currentOf(folder), sessionsOf(folder)]).toEqual([second, before + 480]);
    expect((await ok(folder, 'models')).stdout).toContain('current');

    await ok(folder, 'rollback');
    expect(currentOf(folder)).toBe(first);
    await ok(folder, 'nightly');
    expect(currentOf(folder)).toBe(first);
    await ok(folder, `rollback ${second}`);
    expect(currentOf(folder)).toBe(second);
  });

  it('leaves a version that became current meanwhile, and says so', async () => {
    const folder = makeShop();
    const first = currentOf(folder);
    logDay(folder, 10);
    await ok(folder, 'nightly');
    const second = currentOf(folder);
    logDay(folder, 11);
    const night = await runWatched(folder, ['nightly'], (line) => {
      if (line.startsWith('Learnt')) writeFileSync(join(folder, 'models', 'current'), `${first}\n`);
    });
    const [third = ''] = versionsIn(join(folder, 'models')).slice(-1);
    const line = `${first} became current meanwhile, and stays; rollback ${third} makes ${third} current`;
    expect(night).toMatchObject({ code: 0, stderr: expect.stringContaining(line) });
    expect(currentOf(folder)).toBe(first);
    // A killed night that is completed leaves it, too.
    expect((await ok(folder, 'nightly')).stderr).toContain(line);
    expect(currentOf(folder)).toBe(first);

    await ok(folder, `rollback ${third}`);
    expect((await ok(folder, 'nightly')).stderr).not.toContain('meanwhile');
    const unlock = lockOutput(join(folder, 'models', 'night'), 'nightly');
    await ok(folder, 'rollback');
    expect(currentOf(folder)).toBe(second);
    const locked = await runHere(folder, 'nightly');
    unlock();
    expect(locked).toMatchObject({ code: 1, stderr: expect.stringContaining('is being written by process') });
  });

  it('names every day of which clicks are missing, and how to add it', async () => {
    const folder = makeShop();
    logDay(folder, 11);
    const night = await ok(folder, 'nightly');
    expect(night.stderr).toContain(`Appended ${dayOf(11)}: 240 sessions`);
    const before = sessionsOf(folder);
    const late = logDay(folder, 10);
    const command = `prepare --append --late-sessions keep --input ${late}`;
    const named = await runHere(folder, 'nightly', '--json');
    expect(named).toMatchObject({ code: 1, stderr: expect.stringContaining(command) });
    expect(JSON.parse(named.stdout)).toMatchObject({ days: [], late: [`${dayOf(10)}.jsonl`] });
    // The section "prepare" of a new project holds out a test split.
    const file = join(folder, 'gru4rec.json');
    writeFileSync(
      file,
      JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), prepare: { test: '2d' } }),
    );
    await ok(folder, command);
    expect(sessionsOf(folder)).toBe(before + 240);
    expect((await runHere(folder, ...command.split(' '))).stderr).toContain('that the dataset lacks');

    // The clock was ahead, and the day went on.
    const grown = join(folder, 'events', `${dayOf(11)}.jsonl`);
    appendFileSync(grown, '{"SessionId":"a","ItemId":"p1","Time":"2026-05-12T23:00:00Z"}\n');
    const last = await runHere(folder, 'nightly');
    expect(last).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${dayOf(11)}.jsonl has grown since it was added`),
    });
    expect(last.stderr).not.toContain(dayOf(10));
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

  it('reads the columns of items that the project names, and skips bad rows', async () => {
    const folder = makeShop();
    const file = join(folder, 'gru4rec.json');
    const project = JSON.parse(readFileSync(file, 'utf8'));
    const items = { items: 'products.csv', itemColumns: { id: 'product_no', available: 'in_stock' } };
    writeFileSync(file, JSON.stringify({ ...project, ...items }));
    writeFileSync(join(folder, 'products.csv'), 'product_no,in_stock\np1,0\nnew,4\ngone,0\np1,3\n');
    logDay(folder, 10);
    const night = await ok(folder, 'nightly');
    expect(night.stderr).toContain('1 bad row skipped, listed in data/bad-rows.tsv\n');
    expect(night.stderr).toContain('of 960 events, 1 new item\n');
    const info = readFileSync(join(folder, 'models', currentOf(folder), 'item-info.jsonl'), 'utf8');
    expect(info).toBe('{"id":"p1","available":false}\n{"id":"new","available":true}\n');
  });

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

  it('keeps the last versions and the current one', async () => {
    const folder = makeShop();
    for (let day = 10; day < 13; day++) {
      logDay(folder, day);
      const { stderr } = await ok(folder, 'nightly --versions 2');
      expect(stderr).not.toContain('gru4rec.json differs');
    }
    const file = join(folder, 'gru4rec.json');
    const project = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...project, train: { config: 'fast', set: ['layers=24'] } }));
    logDay(folder, 14);
    expect((await ok(folder, 'nightly --versions 2')).stderr).toMatch(
      /"train" of gru4rec.json differs from the current model \(layers=24, nEpochs=\d+\): nightly ignores that, train takes it\n/,
    );
    const versions = versionsIn(join(folder, 'models'));
    expect(versions).toHaveLength(2);
    expect(versions).toContain(currentOf(folder));
    expect(readdirSync(join(folder, 'models')).sort()).toEqual(
      [...versions, ...versions.map((version) => `${version}.json`), 'current'].sort(),
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

  it('needs a project', async () => {
    expect(await runHere(makeFolder(), 'nightly')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^nightly expected gru4rec.json in .* got none. Make one with init\n/),
    });
  });
});
