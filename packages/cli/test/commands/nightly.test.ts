import {
  appendFileSync,
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
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { versionsIn } from '../../src/project/versions.ts';
import {
  clicksOf,
  currentOf,
  DAY_MS,
  dayOf,
  logDay,
  recordOf,
  sessionsOf,
  startMs,
  useNightlyShop,
} from '../nightly-shop.ts';
import { makeFolder, ok, runHere, runWatched } from '../run-trainer.ts';

const makeShop = useNightlyShop();

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

  it('needs a project', async () => {
    expect(await runHere(makeFolder(), 'nightly')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^nightly expected gru4rec.json in .* got none. Make one with init\n/),
    });
  });
});
