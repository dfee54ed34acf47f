import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../src/catalogue.ts';
import { createRelatedItems, Demand } from '../src/demand.ts';
import { Visitor } from '../src/visitor.ts';

describe('Visitor', () => {
  const settings = { events: 1, items: 3_000, days: 1, seed: 1 };
  const catalogue = createCatalogue(settings);
  const demand = new Demand(catalogue, settings);
  demand.setDay(0);
  const shop = { catalogue, demand, related: createRelatedItems(catalogue, settings) };
  const stream = new RandomStream(1, 'test.visitor');
  const visits = Array.from({ length: 4_000 }, () => new Visitor(shop, stream).visit(8));

  it('makes the requested number of clicks', () => {
    expect(new Visitor(shop, stream).visit(1)).toHaveLength(1);
    expect(visits.every((items) => items.length === 8)).toBe(true);
  });

  it('stays in the category or related ones in most steps', () => {
    let within = 0;
    for (const items of visits) {
      for (let step = 1; step < 8; step++) {
        if (catalogue.categoryOf[items[step]] === catalogue.categoryOf[items[step - 1]]) within++;
      }
    }
    expect(within / (7 * visits.length)).toBeGreaterThan(0.4);
    expect(within / (7 * visits.length)).toBeLessThan(0.8);
  });

  it('returns to its previous category after a click elsewhere', () => {
    let elsewhere = 0;
    let back = 0;
    for (const items of visits) {
      const categories = items.map((item) => catalogue.categoryOf[item]);
      for (let step = 2; step < 8; step++) {
        if (categories[step - 1] === categories[step - 2]) continue;
        elsewhere++;
        if (categories[step] === categories[step - 2]) back++;
      }
    }
    // Without a memory, one in fifty by chance.
    expect(back / elsewhere).toBeGreaterThan(0.15);
  });

  it('keeps to one taste', () => {
    let same = 0;
    let pairs = 0;
    for (const items of visits) {
      const tastes = items.map((item) => catalogue.tasteOf[item]).filter((taste) => taste !== -1);
      for (let index = 1; index < tastes.length; index++) {
        pairs++;
        if (tastes[index] === tastes[0]) same++;
      }
    }
    // One in six by chance.
    expect(same / pairs).toBeGreaterThan(0.6);
  });
});
