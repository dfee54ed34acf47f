import {
  type Gru4Rec,
  Learner,
  type LearnerClick,
  type LearnerOptions,
  parseConfig,
  train,
} from '@gru4rec/model';
import { RandomStream } from '@gru4rec/random';
import { expect, it } from 'vitest';
import { learnDefaults } from '../../src/learning/learning.ts';
import { engine, shopOf } from './learnt-log.ts';

const ITEMS = 1000;
const MINUTE_MS = 60_000;
const random = new RandomStream(1, 'test.attack');

/** Sessions of a shop: popular items begin them, and neighbours follow. */
function shopSessions(count: number): number[][] {
  return Array.from({ length: count }, () => {
    let item = Math.floor(ITEMS * random.nextFloat() ** 2);
    return Array.from({ length: 4 }, () => {
      item = (item + 1 + random.nextBelow(4)) % ITEMS;
      return item;
    });
  });
}

async function trainShop(): Promise<{ readonly model: Gru4Rec; readonly mostPopular: string }> {
  const config = {
    layers: [48],
    loss: 'cross-entropy' as const,
    nSample: 256,
    nEpochs: 4,
    learningRate: 0.1,
    parts: ['network', 'repeats', 'co-occurrences'] as const,
    holdOut: 0.1,
  };
  const data = shopOf(ITEMS, shopSessions(6000));
  const mostPopular = `i${data.support.indexOf(Math.max(...data.support))}`;
  return { model: await train(data, parseConfig(config), { engine }), mostPopular };
}

const { model, mostPopular } = await trainShop();

/** Clicks of a minute: of the shop's visitors, and of 50 sessions that click one item 200 times each. */
function minute(visitors: number, attack: (at: number) => string): LearnerClick[] {
  const clicks: (LearnerClick & { readonly order: number })[] = [];
  for (const [number, items] of shopSessions(visitors).entries()) {
    const start = random.nextFloat();
    for (const [at, item] of items.entries()) {
      clicks.push({ session: `v${number}`, item: `i${item}`, timeMs: 0, order: start + at / 20 });
    }
  }
  for (let at = 0; at < 10_000; at++) {
    clicks.push({ session: `a${at % 50}`, item: attack(at), timeMs: 0, order: at / 10_000 });
  }
  clicks.sort((a, b) => a.order - b.order);
  return clicks.map((click, at) => ({ ...click, timeMs: (at * MINUTE_MS) / clicks.length }));
}

/**
 * What a minute has taught.
 * @returns of unrelated sessions, the share whose first 20 have an item; and its place among the most popular items.
 */
function afterMinute(clicks: readonly LearnerClick[], item: string, options: Partial<LearnerOptions>) {
  const learner = new Learner(model, { engine, ...options });
  learner.learn(clicks);
  learner.flush();
  const learnt = learner.model();
  const near = item === 'new' ? 20 : Number(item.slice(1));
  const isUnrelated = (one: number) => Math.abs(one - near) > 60;
  const sessions = shopSessions(1500).filter((items) => items.every(isUnrelated));
  const listing = sessions.filter((items) => {
    const session = learnt.startSession();
    for (const one of items.slice(0, 2)) session.click(`i${one}`);
    return session.recommend(20).some(({ id }) => id === item);
  });
  const popular = learnt.popularItems()?.recommend(1000) ?? [];
  learnt.dispose();
  learner.dispose();
  return {
    share: listing.length / sessions.length,
    place: popular.findIndex(({ id }) => id === item),
  };
}

/** The share of random lists of 20 that would have an item. */
const CHANCE = 20 / ITEMS;

it.each([
  ['a new item, after each of the most popular ones', 'new', (at: number) => `i${at % 40}`],
  ['a new item only', 'new', () => 'new'],
  ['an item of the shop, after each of the others', 'i970', (at: number) => `i${(7 * at) % 960}`],
])(
  '10,000 clicks of 50 sessions within a minute bring nothing to others: %s',
  (_, item, before) => {
    const clicks = minute(1000, (at) => (Math.floor(at / 50) % 2 ? item : before(at)));
    const limited = afterMinute(clicks, item, learnDefaults);
    const free = afterMinute(clicks, item, {});
    expect(limited.share).toBeLessThanOrEqual(Math.min(CHANCE, free.share));

    expect(limited.place).toBeGreaterThan(50);
    expect(free.place).toBe(0);
  },
  200_000,
);

it('10,000 clicks of 50 sessions within a minute, always after the most popular item, bring items to no more others than chance', () => {
  const items = ['i970', 'i850', 'i700', 'i500', 'i300'];
  const shares = (options: Partial<LearnerOptions>) =>
    items.map((item) => {
      const clicks = minute(1000, (at) => (Math.floor(at / 50) % 2 ? item : mostPopular));
      return afterMinute(clicks, item, options).share;
    });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value) / values.length;
  expect(mean(shares(learnDefaults))).toBeLessThanOrEqual(CHANCE);
  expect(mean(shares({}))).toBeGreaterThan(CHANCE);
}, 200_000);
