import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../run-trainer.ts';
import { trainTiny, useTinyModel } from '../tiny-shop.ts';

interface NamedItem {
  readonly id: string;
  readonly score: number;
}

/** The ids of these items, in their order. */
const idsOf = (items: readonly NamedItem[]) => items.map(({ id }) => id);

const folder = useTinyModel();
/** Items of the log, each time that they are clicked. */
let clicked: string[] = [];
/** Items of the model. */
let known: string[] = [];
beforeAll(() => {
  const lines = readFileSync(join(folder(), 'clicks.tsv'), 'utf8').trim().split('\n').slice(1);
  clicked = lines.map((line) => line.split('\t')[1] ?? '');
  known = [...new Set(clicked.slice(0, 99))];
});

const recommend = (line: string) => ok(folder(), `recommend model ${line}`);
const answerTo = async (line: string) => JSON.parse((await recommend(`--session ${line} --json`)).stdout);
const itemsOf = async (line: string): Promise<NamedItem[]> => (await answerTo(line)).items;
const linesOf = (stdout: string) => Array.from(stdout.trim().split('\n'), (line) => JSON.parse(line));
const writeSessions = (sessions: readonly object[]) =>
  writeFileSync(
    join(folder(), 'sessions.jsonl'),
    sessions.map((session) => `${JSON.stringify(session)}\n`).join(''),
  );

describe('trainer recommend', () => {
  it('answers with ids and scores, best first', async () => {
    const { stdout, stderr } = await recommend(`--session ${known.slice(0, 2)} --top 5 --json`);
    expect(stderr).toBe('');
    const { items, ...answer } = JSON.parse(stdout);
    expect(answer).toEqual({ session: known.slice(0, 2), unknown: [] });
    expect(items).toHaveLength(5);
    const scores = items.map(({ score }: NamedItem) => score);
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a));
    for (const itemId of idsOf(items)) expect(itemId).toMatch(/^\d{9}$/);
  });

  it('says with --explain what each part adds to a score', async () => {
    await trainTiny(folder(), 'of-parts', '--set parts=network,repeats,co-occurrences holdOut=0.2');
    const explain = async (line: string) =>
      (await ok(folder(), `recommend of-parts --explain ${line}`)).stdout;
    const session = known.slice(0, 3);
    const { items } = JSON.parse(await explain(`--session x,${session} --json`));
    expect(items).toHaveLength(20);
    for (const { score, parts } of items) {
      expect(Object.keys(parts)).toEqual(['network', 'repeats', 'co-occurrences']);
      expect(parts.network + parts.repeats + parts['co-occurrences']).toBeCloseTo(score, 5);
    }
    const table = await explain(`--session ${session} --top 1`);
    expect(table).toMatch(/│ item +│ +score │ network │ repeats │ co-occurrences │\n/);
    expect(table).toContain(` ${items[0].parts.repeats.toFixed(4)} │`);
    writeSessions([
      { session: 'a', items: session },
      { session: 'b', items: ['x'] },
    ]);
    const [first, second] = linesOf(await explain('--sessions sessions.jsonl'));
    expect(first.items).toEqual(items);
    expect(second.items[0]).not.toHaveProperty('parts');
  });

  it('prints a table without --json', async () => {
    const { stdout } = await recommend(`--session ${known[0]} --top 2`);
    expect(stdout).toMatch(/│ 1 │ \d{9} │ +-?\d+\.\d{4} │\n│ 2 │ \d{9} │ +-?\d+\.\d{4} │\n/);
  });

  it('recommends only allowed items and none that are denied', async () => {
    const [first, ...allowed] = known.slice(0, 5);
    const items = await itemsOf(`${known[7]} --allow ${first},${allowed},none --deny ${first}`);
    expect(idsOf(items).sort()).toEqual(allowed.sort());
  });

  it.each([
    ['--allow none', 'the model knows no item of --allow'],
    ['--candidates none', 'the model knows no item of --candidates'],
    ['--allow KNOWN --exclude-seen', '--exclude-seen excludes all items of --allow'],
    ['--candidates KNOWN --deny KNOWN', '--deny excludes all items of --candidates'],
  ])('says why no item is left: %s', async (options, reason) => {
    const words = options.replaceAll('KNOWN', String(known[0]));
    const { stdout, stderr } = await recommend(`--session ${known[0]} --json ${words}`);
    expect(stderr).toContain(`No item is left: ${reason}\n`);
    expect(JSON.parse(stdout)).toMatchObject({ items: [], reason });
  });

  it('mixes for --variety, from the best item on', async () => {
    const [plain, mixed] = [await itemsOf(`${known[0]}`), await itemsOf(`${known[0]} --variety 0.9`)];
    expect(mixed[0]).toEqual(plain[0]);
    expect(mixed).not.toEqual(plain);
  });

  it('ranks candidates and names unknown ones', async () => {
    const all = await itemsOf(`${known[0]} --top 60`);
    const candidates = [known[4], 'none', known[2], known[9]];
    const asked = `--session ${known[0]} --candidates ${candidates} --json`;
    const { stdout, stderr } = await recommend(asked);
    expect(stderr).toBe('Candidates unknown to the model, ignored: none\n');
    const { items, unknownCandidates } = JSON.parse(stdout);
    expect(unknownCandidates).toEqual(['none']);
    expect(idsOf(items)).toEqual(idsOf(all).filter((id) => candidates.includes(id)));
    expect(JSON.parse((await recommend(`${asked} --top 1`)).stdout).items).toEqual(items.slice(0, 1));
  });

  it('reports and skips unknown ids', async () => {
    const { stdout, stderr } = await recommend(`--session 77,${known[0]},x --json`);
    expect(stderr).toBe('Unknown to the model, skipped: 77, x\n');
    expect(JSON.parse(stdout)).toEqual({
      ...{ session: ['77', known[0], 'x'], unknown: ['77', 'x'] },
      items: await itemsOf(`${known[0]}`),
    });
  });

  it('gives the items with the most recent clicks to a session without a known item', async () => {
    const { stdout, stderr } = await recommend('--session x --top 5 --json');
    expect(stderr).toBe(
      'The model knows no item of the session: x. These are its items with the most recent clicks\n',
    );
    const { items, fallback, unknown } = JSON.parse(stdout);
    expect({ fallback, unknown }).toEqual({ fallback: 'popular', unknown: ['x'] });
    expect(items).toHaveLength(5);
    // Clicks of training, which are some of all.
    for (const { id, score } of items)
      expect(score).toBeLessThanOrEqual(clicked.filter((item) => item === id).length);
    expect(await itemsOf(`x --deny ${items[0].id} --top 4`)).toEqual(items.slice(1));
  });
});

describe('trainer recommend --sessions', () => {
  it('answers each session as a separate command would, in file order', async () => {
    const sessions = Array.from({ length: 600 }, (_, i) => ({
      session: `s${i % 590}`,
      items: known.slice(i % 7, (i % 7) + 1 + (i % 4)),
    }));
    writeSessions(sessions);
    const { stdout, stderr } = await recommend('--sessions sessions.jsonl --top 3');
    expect(stderr).toBe('');
    const answers = linesOf(stdout);
    expect(answers.map(({ session }) => session)).toEqual(sessions.map(({ session }) => session));
    for (const i of [0, 299, 599]) {
      const separate = await itemsOf(`${sessions[i]?.items} --top 3`);
      const close = separate.map(({ id, score }) => ({ id, score: expect.closeTo(score, 5) }));
      expect(answers[i]).toEqual({ session: sessions[i]?.session, items: close, unknown: [] });
    }
  });

  it('names unknown items, and gives popular items to a session without a known one', async () => {
    writeSessions([
      { session: 'a', items: ['x', known[0]] },
      { session: 'b', items: ['x'] },
      { session: 'c', items: [] },
    ]);
    const candidates = known.slice(0, 4);
    const { stdout } = await recommend(`--sessions sessions.jsonl --exclude-seen --candidates ${candidates}`);
    const [first, ...popular] = linesOf(stdout);
    for (const { items, fallback } of popular) {
      expect(fallback).toBe('popular');
      expect(idsOf(items).sort()).toEqual(candidates.toSorted());
    }
    expect(first).not.toHaveProperty('fallback');
    expect(idsOf(first.items).sort()).toEqual(candidates.slice(1).sort());
    expect([first, ...popular].map(({ unknown }) => unknown)).toEqual([['x'], ['x'], []]);
  });
});
