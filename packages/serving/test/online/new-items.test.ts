import { expect, it } from 'vitest';
import type { Models } from '../../src/models/served-model.ts';
import { NewItems } from '../../src/online/new-items.ts';
import { eventOf } from '../clicks.ts';

it('counts clicks and lists of the latest 200 items that were new, not of others', () => {
  const itemIds = { indexOf: (id: string) => (Number(id) % 2 === 1 ? 0 : -1) };
  const model = { isReady: true, inference: { itemIds } };
  const items = new NewItems({ all: [model], of: () => model } as unknown as Models, undefined);
  const click = (item: string) => items.onClick(eventOf('s', item));
  for (let at = 0; at < 1000; at++) click(String(at));
  click('998');
  // The oldest ones are no longer counted, known ones never.
  items.onAnswer({ items: ['998', '997', '0', '600', '598'] } as never);
  const report = items.report() as { id: string }[];
  expect(report.slice(0, 2)).toMatchObject([
    { id: '998', clicked: 2, listed: 1, known: false },
    { id: '996', clicked: 1, listed: 0 },
  ]);
  expect(report).toHaveLength(10);
  click('598');
  expect((items.report() as object[])[0]).toMatchObject({ id: '598', clicked: 1, listed: 0 });
});
