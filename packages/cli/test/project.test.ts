import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProject } from '../src/project/project.ts';
import {
  changeVersions,
  currentVersion,
  makeCurrent,
  newVersion,
  versionsIn,
} from '../src/project/versions.ts';
import { makeProject, writeProject } from './project-shop.ts';
import { failing, makeFolder, ok, runWatched } from './run-trainer.ts';

// A variable, because knip takes a literal command name for a missing package.
const mkfifo = 'mkfifo';

describe('a project', () => {
  it('gives commands what they lack, in its folder and below it, and options beat it', async () => {
    const folder = makeProject({ prepare: { test: '2d' } });
    const [below, models] = [join(folder, 'a', 'b'), join(folder, 'models')];
    const pointer = join(models, 'current');
    mkdirSync(below, { recursive: true });
    await ok(below, 'prepare');
    await ok(folder, 'train');
    const [first = ''] = versionsIn(models);
    expect(readFileSync(pointer, 'utf8')).toBe(`${first}\n`);
    const { sessions } = JSON.parse((await ok(below, 'evaluate --json')).stdout);
    expect(sessions).toBeGreaterThan(0);

    await ok(below, 'train --set nEpochs=1 layers=4');
    const [, second = ''] = versionsIn(models);
    expect(readFileSync(pointer, 'utf8')).toBe(`${second}\n`);
    const layersOf = async (line: string) => JSON.parse((await ok(below, line)).stdout).config.layers;
    expect(await layersOf('inspect ../../models/current --json')).toEqual([4]);
    expect(await layersOf(`inspect ../../models/${first} --json`)).toEqual([8]);
    // A night that ended during the training made another version current, which stays.
    const overtaken = await runWatched(folder, ['train'], () => writeFileSync(pointer, `${first}\n`));
    expect(overtaken.stderr).toMatch(
      new RegExp(`^${first} became current meanwhile, and stays; rollback (\\S+) makes \\1 current$`, 'm'),
    );
    expect(readFileSync(pointer, 'utf8')).toBe(`${first}\n`);
    await ok(folder, `rollback ${second}`);
    // The configuration of the file does not hinder a model that has its own.
    await ok(folder, `train --output other --continue ${pointer} --set nEpochs=1`);
    expect(readFileSync(pointer, 'utf8')).toBe(`${second}\n`);
    const files = ['a', 'clicks.csv', 'data', 'gru4rec.json', 'models', 'other'];
    expect(readdirSync(folder).sort()).toEqual(files);
  });

  it('says the columns of items once, also where an earlier version wrote them into sections', () => {
    const folder = makeFolder();
    const optionsOf = (content: object) => {
      writeProject(folder, { items: 'products.csv', ...content });
      const project = openProject(join(folder, 'gru4rec.json'), folder);
      return ['prepare', 'serve'].map((name) => project.forCommand(name, []).options['item-columns']);
    };
    const columns = ['id=sku', 'available=stock'];
    expect(optionsOf({ itemColumns: { id: 'sku', available: 'stock' } })).toEqual([columns, columns]);
    const section = { 'items-id-column': 'sku' };
    expect(optionsOf({ prepare: section, serve: section })).toEqual([['id=sku'], ['id=sku']]);
    expect(optionsOf({ prepare: section, itemColumns: { available: 'stock' } })).toEqual([columns, columns]);
    expect(optionsOf({})).toEqual([undefined, undefined]);
  });

  it.each([
    [{ itemColumns: { titel: 'name' } }, '"itemColumns" expected'],
    [{ colums: {} }, 'The project expected no key "colums", got'],
    [{ columns: { sku: 'item' } }, '"columns" expected no key "sku", got'],
    [{ log: [] }, '"log" expected'],
    [{ prepare: { tests: '1d' } }, 'gru4rec.json: Unknown argument: tests'],
    [{ prepare: { '(test': '1d' } }, 'gru4rec.json: Unknown argument: (test'],
    [{ log: 'x'.repeat(2 ** 20) }, 'gru4rec.json expected a file of at most 1048576 bytes, got 1048'],
    [{ prepare: { test: 'x' } }, 'gru4rec.json: --test expected days (7d), a share (10%), a date'],
    [{ keep: '9' }, 'gru4rec.json: --keep expected a time such as 90d, 12h or 30m, got "9"'],
  ])('refuses %j and names the file', async (more, message) => {
    const folder = makeProject(more);
    const stderr = await failing(folder, 'prepare', 2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('gru4rec.json');
  });

  it.each(['pipe', 'device'])('refuses a %s in the place of its file', async (kind) => {
    const [folder, file] = [makeFolder(), 'gru4rec.json'];
    if (kind === 'pipe') execFileSync(mkfifo, [join(folder, file)]);
    else symlinkSync('/dev/zero', join(folder, file));
    expect(await failing(folder, 'prepare', 2)).toContain(
      'gru4rec.json expected a file of at most 1048576 bytes, got a folder, pipe or',
    );
  });

  it('does not name the file for an option of the command line', async () => {
    expect(await failing(makeProject(), 'prepare --test x', 2)).toMatch(/^--test expected/);
  });

  it.each(['evaluate', 'serve', 'recommend --session p1'])('%s needs a current model', async (line) => {
    expect(await failing(makeProject(), line, 2)).toContain(
      'gru4rec.json expected a model that is current, got none in models. Make one with train',
    );
  });
});

describe('versions', () => {
  const nowMs = Date.parse('2026-11-30T02:00:59.9Z');

  it('are named by minute, in order, each once', () => {
    const models = makeFolder();
    const names = Array.from({ length: 11 }, () => {
      const name = newVersion(models, { nowMs });
      mkdirSync(join(models, name));
      return name;
    });
    expect(names.slice(0, 2)).toEqual(['2026-11-30T0200Z', '2026-11-30T0200Z-2']);
    mkdirSync(join(models, '2026-11-29T2359Z'));
    expect(versionsIn(models)).toEqual(['2026-11-29T2359Z', ...names]);
  });

  it('become current one after another, and only in place of the one that was expected', async () => {
    const models = makeFolder();
    for (const name of ['a', 'b', 'c']) mkdirSync(join(models, name));
    expect(await makeCurrent(models, 'a', undefined)).toBeUndefined();
    let changes: Promise<string | undefined>[] = [];
    await changeVersions(models, async () => {
      changes = ['b', 'c'].map((name) => makeCurrent(models, name, 'a'));
    });
    const lines = await Promise.all(changes);
    const current = currentVersion(models);
    const other = current === 'b' ? 'c' : 'b';
    const line = `${current} became current meanwhile, and stays; rollback ${other} makes ${other} current`;
    expect(lines.filter((text) => text !== undefined)).toEqual([line]);
    await expect(makeCurrent(models, 'd', current)).rejects.toThrow('d was removed meanwhile. See models');
    expect(readdirSync(models).sort()).toEqual(['a', 'b', 'c', 'current']);
  });

  it('resume the one that was interrupted', () => {
    const models = makeFolder();
    mkdirSync(join(models, '2026-11-29T0200Z.checkpoints'));
    expect(newVersion(models, { nowMs, resumes: true })).toBe('2026-11-29T0200Z');
    expect(newVersion(models, { nowMs })).toBe('2026-11-30T0200Z');
  });
});
