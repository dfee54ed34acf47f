import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lockOutput } from '@gru4rec/durable-files';
import { describe, expect, it } from 'vitest';
import { versionsIn } from '../../src/project/versions.ts';
import { currentOf, dayOf, logDay, sessionsOf, useNightlyShop } from '../nightly-shop.ts';
import { failing, makeFolder, ok, runHere, runWatched } from '../run-trainer.ts';

const makeShop = useNightlyShop();

function changeProject(folder: string, changes: object): void {
  const file = join(folder, 'gru4rec.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changes }));
}

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
    expect(night.stderr).not.toContain('gru4rec.json differs');
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
    expect(await failing(folder, 'nightly')).toContain('is being written by process');
    unlock();
  });

  it('names every day of which clicks are missing, and how to add it', async () => {
    const folder = makeShop();
    logDay(folder, 11);
    const night = await ok(folder, 'nightly');
    expect(night.stderr).toContain(`Appended ${dayOf(11)}: 240 sessions`);
    const before = sessionsOf(folder);
    const late = logDay(folder, 10);
    const command = `prepare --append --late-sessions keep --input ${late}`;
    const named = await runHere(folder, 'nightly --json');
    expect(named).toMatchObject({ code: 1, stderr: expect.stringContaining(command) });
    expect(JSON.parse(named.stdout)).toMatchObject({ days: [], late: [`${dayOf(10)}.jsonl`] });
    // The section "prepare" of a new project holds out a test split.
    changeProject(folder, { prepare: { test: '2d' } });
    await ok(folder, command);
    expect(sessionsOf(folder)).toBe(before + 240);
    expect(await failing(folder, command)).toContain('that the dataset lacks');

    // The clock was ahead, and the day went on.
    const grown = join(folder, 'events', `${dayOf(11)}.jsonl`);
    appendFileSync(grown, '{"SessionId":"a","ItemId":"p1","Time":"2026-05-12T23:00:00Z"}\n');
    const last = await failing(folder, 'nightly');
    expect(last).toContain(`${dayOf(11)}.jsonl has grown since it was added`);
    expect(last).not.toContain(dayOf(10));
  });

  it('reads the columns of items that the project names, skips bad rows, ignores "train", and keeps the last versions', async () => {
    const folder = makeShop();
    changeProject(folder, {
      ...{ items: 'products.csv', itemColumns: { id: 'product_no', available: 'in_stock' } },
      train: { config: 'fast', set: ['layers=24'] },
    });
    writeFileSync(join(folder, 'products.csv'), 'product_no,in_stock\np1,0\nnew,4\ngone,0\np1,3\n');
    logDay(folder, 10);
    const { stderr } = await ok(folder, 'nightly --versions 1');
    expect(stderr).toContain('1 bad row skipped, listed in data/bad-rows.tsv\n');
    expect(stderr).toContain('of 960 events, 1 new item\n');
    expect(stderr).toMatch(
      /"train" of gru4rec.json differs from the current model \(layers=24, nEpochs=\d+\): nightly ignores that, train takes it\n/,
    );
    const version = currentOf(folder);
    expect(readdirSync(join(folder, 'models')).sort()).toEqual([version, `${version}.json`, 'current']);
    const info = readFileSync(join(folder, 'models', version, 'item-info.jsonl'), 'utf8');
    expect(info).toBe('{"id":"p1","available":false}\n{"id":"new","available":true}\n');
  });

  it('needs a project', async () => {
    expect(await failing(makeFolder(), 'nightly', 2)).toMatch(
      /^nightly expected gru4rec.json in .* got none. Make one with init\n/,
    );
  });
});
