import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runHere } from '../run-trainer.ts';
import { trainTiny, useTinyModel } from '../tiny-shop.ts';

/** An item of a JSON answer. */
interface NamedItem {
  readonly id: string;
  readonly score: number;
  readonly group?: string;
}

/** The ids of these items, in their order. */
const idsOf = (items: readonly NamedItem[]) => items.map(({ id }) => id);

const folder = useTinyModel();
/** Items of the model, once the tests run. */
const known: string[] = [];
beforeAll(async () => {
  const lines = readFileSync(join(folder(), 'clicks.tsv'), 'utf8').split('\n').slice(1, 100);
  known.push(...new Set(lines.map((line) => line.split('\t')[1] ?? '')));
});

const trainer = (...argv: string[]): Promise<Outcome> => runHere(folder(), 'recommend', 'model', ...argv);
const recommend = (session: string, ...more: string[]) => trainer('--session', session, ...more);
/** Writes a file into the folder in which the commands run. */
const write = (name: string, text: string) => writeFileSync(join(folder(), name), text);

/** The items of a JSON answer. */
async function itemsOf(session: string, ...more: string[]): Promise<NamedItem[]> {
  const { code, stdout, stderr } = await recommend(session, '--json', ...more);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).items;
}

describe('trainer recommend', () => {
  it('answers with ids and scores, best first', async () => {
    const { code, stdout, stderr } = await recommend(known.slice(0, 2).join(), '--top', '5', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { session, items, unknown, ...more } = JSON.parse(stdout);
    expect({ session, unknown, more }).toEqual({ session: known.slice(0, 2), unknown: [], more: {} });
    expect(items).toHaveLength(5);
    const scores = items.map(({ score }: NamedItem) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const itemId of idsOf(items)) expect(itemId).toMatch(/^\d{9}$/);
  });

  it('says with --explain what each part adds to a score', async () => {
    const set = ['--set', 'parts=network,repeats,co-occurrences', 'holdOut=0.2'];
    expect((await trainTiny(folder(), 'of-parts', ...set)).code).toBe(0);
    const explain = (...more: string[]) => runHere(folder(), 'recommend', 'of-parts', '--explain', ...more);
    const session = known.slice(0, 3);
    const { items } = JSON.parse((await explain('--session', `x,${session}`, '--json')).stdout);
    expect(items).toHaveLength(20);
    for (const { score, parts } of items) {
      expect(Object.keys(parts)).toEqual(['network', 'repeats', 'co-occurrences']);
      expect(parts.network + parts.repeats + parts['co-occurrences']).toBeCloseTo(score, 5);
    }
    const { stdout } = await explain('--session', `${session}`, '--top', '1');
    expect(stdout).toMatch(/│ item +│ +score │ network │ repeats │ co-occurrences │\n/);
    expect(stdout).toContain(` ${items[0].parts.repeats.toFixed(4)} │`);
    write(
      'lines.jsonl',
      `${JSON.stringify({ session: 'a', items: session })}\n{"session": "b", "items": ["x"]}\n`,
    );
    const lines = (await explain('--sessions', 'lines.jsonl')).stdout.trim().split('\n');
    const [first, second] = lines.map((line) => JSON.parse(line).items);
    expect(first).toEqual(items);
    expect(second[0]).not.toHaveProperty('parts');
  });

  it('prints a table without --json', async () => {
    const { stdout } = await recommend(known[0], '--top', '2');
    expect(stdout).toMatch(/│ 1 │ \d{9} │ +-?\d+\.\d{4} │\n│ 2 │ \d{9} │ +-?\d+\.\d{4} │\n/);
  });

  it('recommends only allowed items and none that are denied', async () => {
    const [first, ...allowed] = known.slice(0, 5);
    const ids = idsOf(await itemsOf(known[7], '--allow', `${known.slice(0, 5)},none`, '--deny', first));
    expect(ids.sort()).toEqual(allowed.sort());
    expect(await itemsOf(known[7], '--allow', 'none')).toEqual([]);
  });

  it.each<[string[], (items: readonly string[]) => string]>([
    [['--allow', 'none'], () => 'the model knows no item of --allow'],
    [['--candidates', 'none'], () => 'the model knows no item of --candidates'],
    [['--allow', '0', '--exclude-seen'], () => '--exclude-seen excludes all items of --allow'],
    [['--candidates', '0', '--deny', '0'], () => '--deny excludes all items of --candidates'],
  ])('says why no item is left: %j', async (options, reason) => {
    const words = options.map((word) => (word === '0' ? String(known[0]) : word));
    const { code, stdout, stderr } = await recommend(String(known[0]), '--json', ...words);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`No item is left: ${reason(known)}\n`),
    });
    expect(JSON.parse(stdout)).toMatchObject({ items: [], reason: reason(known) });
  });

  it('ranks candidates and names unknown ones', async () => {
    const all = await itemsOf(known[0], '--top', '60');
    const candidates = [known[4], 'none', known[2], known[9]];
    const { stdout, stderr } = await recommend(known[0], '--candidates', candidates.join(), '--json');
    expect(stderr).toBe('Candidates unknown to the model, ignored: none\n');
    const { items, unknownCandidates } = JSON.parse(stdout);
    expect(unknownCandidates).toEqual(['none']);
    expect(idsOf(items)).toEqual(idsOf(all).filter((id) => candidates.includes(id)));
    const [best] = await itemsOf(known[0], '--candidates', known.slice(0, 9).join(), '--top', '1');
    expect(best).toEqual((await itemsOf(known[0], '--candidates', known.slice(0, 9).join()))[0]);
  });

  it('reports and skips unknown ids', async () => {
    const [without, withUnknown] = [
      await recommend(known[0], '--json'),
      await recommend(`77,${known[0]},x`, '--json'),
    ];
    expect(withUnknown).toMatchObject({ code: 0, stderr: 'Unknown to the model, skipped: 77, x\n' });
    expect(JSON.parse(withUnknown.stdout)).toEqual({
      session: ['77', known[0], 'x'],
      items: JSON.parse(without.stdout).items,
      unknown: ['77', 'x'],
    });
  });

  it('gives the items with the most recent clicks to a session without a known item', async () => {
    const clicks = new Map<string, number>();
    for (const line of readFileSync(join(folder(), 'clicks.tsv'), 'utf8').trim().split('\n').slice(1)) {
      const item = line.split('\t')[1] ?? '';
      clicks.set(item, (clicks.get(item) ?? 0) + 1);
    }
    const { code, stdout, stderr } = await recommend('x', '--top', '5', '--json');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'The model knows no item of the session: x. These are its items with the most recent clicks\n',
    });
    const { items, fallback, unknown } = JSON.parse(stdout);
    expect({ fallback, unknown }).toEqual({ fallback: 'popular', unknown: ['x'] });
    expect(items).toHaveLength(5);
    // Clicks of training, which are some of all.
    for (const { id, score } of items) expect(score).toBeLessThanOrEqual(clicks.get(id) ?? 0);
    expect(await itemsOf('x', '--deny', items[0].id, '--top', '4')).toEqual(items.slice(1));
  });
});

describe('trainer recommend --sessions', () => {
  const lines = (stdout: string) =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  it('answers each session as a separate command would, in file order', async () => {
    const sessions = Array.from({ length: 600 }, (_, i) => ({
      session: `s${i % 590}`,
      items: known.slice(i % 7, (i % 7) + 1 + (i % 4)),
    }));
    write('sessions.jsonl', sessions.map((session) => `${JSON.stringify(session)}\n`).join(''));
    const { code, stdout, stderr } = await trainer('--sessions', 'sessions.jsonl', '--top', '3');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const answers = lines(stdout);
    expect(answers.map(({ session }) => session)).toEqual(sessions.map(({ session }) => session));
    for (const i of [0, 1, 299, 599]) {
      const separate = await itemsOf(sessions[i].items.join(), '--top', '3');
      expect(Object.keys(answers[i])).toEqual(['session', 'items', 'unknown']);
      expect(idsOf(answers[i].items)).toEqual(idsOf(separate));
      for (const [j, { score }] of separate.entries())
        expect(answers[i].items[j].score).toBeCloseTo(score, 5);
    }
  });

  it('names unknown items, and gives popular items to a session without a known one', async () => {
    write(
      'sessions.jsonl',
      `{"session":"a","items":["x","${known[0]}"]}\n{"session":"b","items":["x"]}\n{"session":"c","items":[]}\n`,
    );
    const selection = ['--exclude-seen', '--candidates', known.slice(0, 4).join()];
    const popular = lines((await trainer('--sessions', 'sessions.jsonl', ...selection)).stdout);
    for (const { session, items, fallback } of popular.slice(1)) {
      expect(fallback, session).toBe('popular');
      expect(idsOf(items).sort()).toEqual(known.slice(0, 4).sort());
    }
    expect(popular[0]).not.toHaveProperty('fallback');
    expect(idsOf(popular[0].items).sort()).toEqual(known.slice(1, 4).sort());
    expect(popular.map(({ unknown }) => unknown)).toEqual([['x'], ['x'], []]);
  });
});
