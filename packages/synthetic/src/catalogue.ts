import { RandomStream, type Seed, shuffleInPlace } from '@gru4rec/random';
import { drawByWeight, runningSums } from './draws.ts';

/** Size and seed of a log. Equal options give byte-identical logs. */
export interface ShopLogOptions {
  /** Number of rows, at most 10⁹. Default: 100,000. */
  readonly events?: number;
  /** Number of items in the shop, 10 to 10⁷. Default: 3,000. A short log does not contain all of them. */
  readonly items?: number;
  /** Number of days that the log covers, at most 3,650. Default: 30. */
  readonly days?: number;
  readonly seed: Seed;
}

export type ShopLogSettings = Required<ShopLogOptions>;

export function toSettings(options: ShopLogOptions): ShopLogSettings {
  return { events: 100_000, items: 3_000, days: 30, ...options };
}

/** Number of tastes. A visitor has one; an item suits one, or everybody. */
export const TASTES = 6;
const EVERYBODY = -1;
const SHARE_FOR_EVERYBODY = 0.35;
/** Attraction of an item to a visitor of its taste, of one that suits everybody, and of one of another taste. */
const OWN_TASTE = 1;
const NO_TASTE = 0.4;
const OTHER_TASTE = 0.03;
/** Popularity of the item of rank r ∝ 1 / (r + ZIPF_SHIFT)^ZIPF_EXPONENT. */
const ZIPF_SHIFT = 8;
const ZIPF_EXPONENT = 0.9;
const ITEMS_PER_CATEGORY = 60;

/** The items of a shop, numbered by category, so that a category is a range of item numbers. */
export interface ShopCatalogue {
  readonly items: number;
  readonly categories: number;
  /** [categories + 1]: category c has items `categoryStarts[c]` to `categoryStarts[c + 1] − 1`, at least one. */
  readonly categoryStarts: Int32Array;
  /** [items] */
  readonly categoryOf: Int32Array;
  /** [items]; −1 if an item suits everybody. */
  readonly tasteOf: Int8Array;
  /** [items], long-tailed, > 0, without the seasons. */
  readonly popularity: Float64Array;
}

export function createCatalogue({ items, seed }: ShopLogSettings): ShopCatalogue {
  const stream = new RandomStream(seed, 'synthetic.catalogue');
  const categories = Math.max(3, Math.round(items / ITEMS_PER_CATEGORY));
  const categoryOf = drawCategories(items, categories, stream);
  const categoryStarts = new Int32Array(categories + 1);
  for (const category of categoryOf) categoryStarts[category + 1]++;
  for (let category = 0; category < categories; category++) {
    categoryStarts[category + 1] += categoryStarts[category];
  }
  const ranks = Int32Array.from({ length: items }, (_, rank) => rank);
  shuffleInPlace(ranks, stream);
  const popularity = Float64Array.from(ranks, (rank) => (rank + ZIPF_SHIFT) ** -ZIPF_EXPONENT);
  const tasteOf = Int8Array.from(ranks, () =>
    stream.nextFloat() < SHARE_FOR_EVERYBODY ? EVERYBODY : stream.nextBelow(TASTES),
  );
  return { items, categories, categoryStarts, categoryOf, tasteOf, popularity };
}

/** Apart from the popularity of the item. */
export function attraction({ tasteOf }: ShopCatalogue, item: number, taste: number): number {
  if (tasteOf[item] === EVERYBODY) return NO_TASTE;
  return tasteOf[item] === taste ? OWN_TASTE : OTHER_TASTE;
}

/** @returns [items], ascending. Sizes of categories vary, and none is empty. */
function drawCategories(items: number, categories: number, stream: RandomStream): Int32Array {
  const sizes = runningSums(Float64Array.from({ length: categories }, (_, c) => (c + 3) ** -0.6));
  const drawn = Int32Array.from({ length: items }, (_, item) =>
    item < categories ? item : drawByWeight(sizes, 0, categories, stream.nextFloat()),
  );
  return drawn.sort();
}
