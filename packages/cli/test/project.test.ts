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
import { makeFolder, ok, runHere, runWatched } from './run-trainer.ts';

const DAY_MS = 86_400_000;
// A variable, because knip takes a literal command name for a missing package.
const mkfifo = 'mkfifo';

/** A shop whose visitors come back, with names of its own for everything. */
function makeProject(more: object = {}): string {
  const folder = makeFolder();
  const startMs = Date.parse('2026-05-01');
  const visits = Array.from({ length: 400 }, (_, visit) => {
    const items = [visit, visit + 1, visit + 2].map((item) => `p${item % 20}`);
    return items.map((item, at) => [
      `v${visit % 90}`,
      item,
      new Date(startMs + (visit * DAY_MS) / 20 + at * 60_000).toISOString(),
    ]);
  });
  const rows = [['visitor', 'sku', 'at'], ...visits.flat()];
  writeFileSync(join(folder, 'clicks.csv'), rows.map((row) => `${row.join(',')}\n`).join(''));
  const columns = { user: 'visitor', item: 'sku', time: 'at' };
  const train = { config: 'fast', set: ['nEpochs=1', 'layers=8'] };
  write(folder, { log: 'clicks.csv', columns, prepare: { test: '2d' }, train, ...more });
  return folder;
}

const write = (folder: string, content: object) =>
  writeFileSync(join(folder, 'gru4rec.json'), JSON.stringify(content));

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

describe('a project', () => {
  it('gives commands what they lack, in its folder and below it, and options beat it', async () => {
    const folder = makeProject();
    const below = join(folder, 'a', 'b');
    mkdirSync(below, { recursive: true });
    expect(await runHere(below, 'prepare')).toMatchObject({ code: 0 });
    expect(await runHere(folder, 'train')).toMatchObject({ code: 0 });
    const [first = ''] = versionsIn(join(folder, 'models'));
    expect(readFileSync(join(folder, 'models', 'current'), 'utf8')).toBe(`${first}\n`);
    const { stdout } = await runHere(below, 'evaluate', '--json');
    const { sessions } = json(stdout);
    expect(sessions).toBeGreaterThan(0);

    expect(await runHere(below, 'train', '--set', 'nEpochs=1', 'layers=4')).toMatchObject({ code: 0 });
    const [, second = ''] = versionsIn(join(folder, 'models'));
    expect(readFileSync(join(folder, 'models', 'current'), 'utf8')).toBe(`${second}\n`);
    expect(json(readFileSync(join(folder, 'models', second, 'model.json'), 'utf8'))).toMatchObject({
      config: { layers: [4] },
    });

    const named = await runHere(folder, 'evaluate', join('models', first), '--json', '--no-baselines');
    expect(json(named.stdout)).toMatchObject({ sessions });
    for (const words of [['evaluate'], ['inspect'], ['recommend', '--session', 'p1']]) {
      const [command = '', ...more] = words;
      const pointed = await runHere(below, command, join('..', '..', 'models', 'current'), '--json', ...more);
      expect(pointed).toMatchObject({ code: 0 });
    }
    const pointer = join(folder, 'models', 'current');
    await ok(makeFolder(), 'train', join(folder, 'data'), '--continue', pointer, '--output', 'more');
    // A night that ended during the training made another version current, which stays.
    const overtaken = await runWatched(folder, ['train'], () => writeFileSync(pointer, `${first}\n`));
    expect(overtaken.stderr).toMatch(
      new RegExp(`^${first} became current meanwhile, and stays; rollback (\\S+) makes \\1 current$`, 'm'),
    );
    expect(readFileSync(pointer, 'utf8')).toBe(`${first}\n`);
    await ok(folder, `rollback ${second}`);
    expect(await runHere(folder, 'train', '--output', 'other')).toMatchObject({ code: 0 });
    // The configuration of the file does not hinder a model that has its own.
    const more = ['--continue', 'other', '--overwrite', '--set', 'nEpochs=1'];
    expect(await runHere(folder, 'train', '--output', 'other', ...more)).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'models', 'current'), 'utf8')).toBe(`${second}\n`);
    const files = ['a', 'clicks.csv', 'data', 'gru4rec.json', 'models', 'other'];
    expect(readdirSync(folder).sort()).toEqual(files);
  });

  it('says the columns of items once, also where an earlier version wrote them into sections', () => {
    const folder = makeFolder();
    const optionsOf = (content: object) => {
      write(folder, { items: 'products.csv', ...content });
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
    const { code, stderr } = await runHere(folder, 'prepare');
    expect(stderr).toContain(message);
    expect(stderr).toContain('gru4rec.json');
    expect(code).toBe(2);
  });

  it.each(['pipe', 'device'])('refuses a %s in the place of its file', async (kind) => {
    const [folder, file] = [makeFolder(), 'gru4rec.json'];
    if (kind === 'pipe') execFileSync(mkfifo, [join(folder, file)]);
    else symlinkSync('/dev/zero', join(folder, file));
    const { code, stderr } = await runHere(folder, 'prepare');
    expect(stderr).toContain('gru4rec.json expected a file of at most 1048576 bytes, got a folder, pipe or');
    expect(code).toBe(2);
  });

  it('does not name the file for an option of the command line', async () => {
    const { stderr } = await runHere(makeProject(), 'prepare', '--test', 'x');
    expect(stderr).toMatch(/^--test expected/);
  });

  it.each(['evaluate', 'serve', 'recommend'])('%s needs a current model', async (command) => {
    const given = command === 'recommend' ? ['--session', 'p1'] : [];
    expect(await runHere(makeProject(), command, ...given)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'gru4rec.json expected a model that is current, got none in models. Make one with train',
      ),
    });
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
