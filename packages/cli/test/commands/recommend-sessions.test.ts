import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { idsOf, useTinyRecommender } from '../tiny-recommender.ts';

const { folder, known, trainer, write, itemsOf } = useTinyRecommender();

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

  it('fails with file and line for a wrong line', async () => {
    write('sessions.jsonl', '{"session":"a","items":[1.5]}\n');
    const { code, stderr } = await trainer('--sessions', 'sessions.jsonl');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `${join(folder(), 'sessions.jsonl')}:1: "items" expected a list of texts or whole numbers, got [1.5]\n`,
    });
  });
});
