import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
let known: string[] = [];
beforeAll(async () => {
  await trainTiny(folder(), 'model');
  const lines = readFileSync(join(folder(), 'clicks.tsv'), 'utf8').split('\n').slice(1, 100);
  known = [...new Set(lines.map((line) => line.split('\t')[1] ?? ''))];
});

const recommend = (session: string, ...more: string[]) =>
  runHere(folder(), 'recommend', '--model', 'model', '--session', session, ...more);

describe('trainer recommend', () => {
  it('answers with ids and scores, best first', async () => {
    const { code, stdout, stderr } = await recommend(known.slice(0, 2).join(), '--top', '5', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { items, unknown } = JSON.parse(stdout);
    expect(unknown).toEqual([]);
    expect(items).toHaveLength(5);
    const scores = items.map(({ score }: { score: number }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const { itemId } of items) expect(itemId).toMatch(/^\d{9}$/);
  });

  it('prints a table otherwise', async () => {
    const { stdout } = await recommend(known[0], '--top', '2');
    expect(stdout).toMatch(/│ 1 │ \d{9} │ +-?\d+\.\d{4} │\n│ 2 │ \d{9} │ +-?\d+\.\d{4} │\n/);
  });

  it('leaves out the session’s items when told', async () => {
    const session = known.slice(0, 10);
    const { stdout } = await recommend(session.join(), '--top', '60', '--exclude-seen', '--json');
    const itemIds = JSON.parse(stdout).items.map(({ itemId }: { itemId: string }) => itemId);
    expect(itemIds.filter((id: string) => session.includes(id))).toEqual([]);
  });

  it('reports unknown ids and skips them', async () => {
    const [without, withUnknown] = [
      await recommend(known[0], '--json'),
      await recommend(`77,${known[0]},x`, '--json'),
    ];
    expect(withUnknown).toMatchObject({ code: 0, stderr: 'Unknown to the model, skipped: 77, x\n' });
    expect(JSON.parse(withUnknown.stdout)).toEqual({ ...JSON.parse(without.stdout), unknown: ['77', 'x'] });
  });

  it('keeps long digit ids exact', async () => {
    const { code, stderr } = await recommend('12345678901234567890');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The model knows no item of the session: 12345678901234567890\n',
    });
  });
});
