import { describe, expect, it } from 'vitest';
import { createCatalogue, toSettings } from '../src/catalogue.ts';
import { shopItems } from '../src/shop-items.ts';
import { generateShopLog } from '../src/shop-log.ts';

describe('shopItems', () => {
  const options = { events: 5_000, items: 400, seed: 3 };
  const items = shopItems(options);

  it('has every item of the log, once', () => {
    const ids = new Set(items.map(({ id }) => id));
    expect(ids.size).toBe(400);
    expect([...generateShopLog(options).itemIds].filter((id) => !ids.has(id))).toEqual([]);
  });

  it('groups items by the categories of the catalogue', () => {
    const { categories, categoryOf } = createCatalogue(toSettings(options));
    const groupOf = new Map(items.map(({ group }, item) => [categoryOf[item], group]));
    expect(new Set(groupOf.values()).size).toBe(categories);
    expect(items.map(({ group }) => group)).toEqual(
      Array.from(categoryOf, (category) => groupOf.get(category)),
    );
  });

  it('gives unique titles, the same for the same seed', () => {
    expect(new Set(items.map(({ title }) => title)).size).toBe(400);
    expect(items[0]).toMatchObject({ title: expect.stringMatching(/^[A-Z]\w+ \w+ boot 1$/), group: 'Boots' });
    expect(shopItems(options)).toEqual(items);
  });

  it('gives each brand one taste', () => {
    const tastes = new Map<string, Set<string>>();
    for (const { brand, title } of items) {
      tastes.set(brand, (tastes.get(brand) ?? new Set()).add(title.split(' ', 1)[0] ?? ''));
    }
    expect(tastes.size).toBe(21);
    expect([...tastes.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it('numbers departments where there are more categories than names', () => {
    const many = shopItems({ items: 6_000, seed: 1 });
    expect(new Set(many.map(({ title }) => title)).size).toBe(6_000);
    expect(new Set(many.map(({ group }) => group)).size).toBe(100);
    expect(many.at(-1)?.group).toMatch(/ 2$/);
  });
});
