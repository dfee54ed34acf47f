import { describe, expect, it } from 'vitest';
import { attraction, createCatalogue } from '../src/catalogue.ts';
import { createRelatedItems, LINKS } from '../src/demand.ts';

const settings = { events: 1, items: 600, days: 1, seed: 1 };

describe('createCatalogue', () => {
  const catalogue = createCatalogue(settings);

  it('puts each item into the range of its category, and leaves no category empty', () => {
    const { categories, categoryStarts, categoryOf } = catalogue;
    expect([categories, categoryStarts[0], categoryStarts[categories]]).toEqual([10, 0, 600]);
    for (let category = 0; category < categories; category++) {
      const [start, end] = [categoryStarts[category], categoryStarts[category + 1]];
      expect(end).toBeGreaterThan(start);
      expect(new Set(categoryOf.subarray(start, end))).toEqual(new Set([category]));
    }
  });

  it('has long-tailed popularity', () => {
    const sorted = [...catalogue.popularity].sort((a, b) => b - a);
    expect(sorted[0] / sorted[599]).toBeCloseTo((607 / 8) ** 0.9, 10);
  });

  it('lets a third of the items suit everybody alike', () => {
    const everybody = [...catalogue.tasteOf.keys()].filter((item) => catalogue.tasteOf[item] === -1);
    expect(everybody.length / 600).toBeCloseTo(0.35, 1);
    expect(new Set([0, 1, 2].map((taste) => attraction(catalogue, everybody[0], taste))).size).toBe(1);
  });

  it('attracts visitors most to items of their taste', () => {
    const item = catalogue.tasteOf.indexOf(2);
    expect(attraction(catalogue, item, 2)).toBeGreaterThan(attraction(catalogue, item, 3));
  });
});

describe('createRelatedItems', () => {
  it('links items to their own category first, then to the related ones', () => {
    const catalogue = createCatalogue(settings);
    const { links, relatedCategories } = createRelatedItems(catalogue, settings);
    for (let item = 0; item < 600; item++) {
      const home = catalogue.categoryOf[item];
      const related = relatedCategories.subarray(home * 2, home * 2 + 2);
      expect([...related]).not.toContain(home);
      const linked = links.subarray(item * LINKS, (item + 1) * LINKS);
      const categories = Array.from(linked, (other) => catalogue.categoryOf[other]);
      expect(new Set(categories.slice(0, 16))).toEqual(new Set([home]));
      expect(categories.slice(16).every((category) => related.includes(category))).toBe(true);
    }
  });
});
