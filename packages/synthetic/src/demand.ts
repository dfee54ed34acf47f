import { RandomStream } from '@gru4rec/random';
import { attraction, type ShopCatalogue, type ShopLogSettings, TASTES } from './catalogue.ts';
import { drawByWeight, runningSums } from './draws.ts';

/** Each item has its own phase. */
const SEASON_DAYS = 60;
/** The season multiplies an item's popularity by up to e^±SEASON_STRENGTH. */
const SEASON_STRENGTH = 0.7;

/** Per taste and item, changing from day to day. */
export class Demand {
  readonly #catalogue: ShopCatalogue;
  readonly #phase: Float64Array;
  /** Per taste: [items], running sums of popularity × season × attraction. */
  readonly #sums: readonly Float64Array[];
  #day = -1;

  constructor(catalogue: ShopCatalogue, { seed }: ShopLogSettings) {
    const stream = new RandomStream(seed, 'synthetic.demand');
    this.#catalogue = catalogue;
    this.#phase = Float64Array.from({ length: catalogue.items }, () => stream.nextFloat());
    this.#sums = Array.from({ length: TASTES }, () => new Float64Array(catalogue.items));
  }

  /** O(items · tastes) if the day changes. */
  setDay(day: number): void {
    if (day === this.#day) return;
    this.#day = day;
    const { items, popularity } = this.#catalogue;
    const totals = new Float64Array(TASTES);
    for (let item = 0; item < items; item++) {
      const season = Math.sin(2 * Math.PI * (day / SEASON_DAYS + this.#phase[item]));
      const demand = popularity[item] * Math.exp(SEASON_STRENGTH * season);
      for (let taste = 0; taste < TASTES; taste++) {
        totals[taste] += demand * attraction(this.#catalogue, item, taste);
        this.#sums[taste][item] = totals[taste];
      }
    }
  }

  /** @param uniform - in [0, 1). */
  drawItem(taste: number, uniform: number): number {
    return drawByWeight(this.#sums[taste], 0, this.#catalogue.items, uniform);
  }

  /** @param uniform - in [0, 1). */
  drawFromCategory(category: number, taste: number, uniform: number): number {
    const { categoryStarts } = this.#catalogue;
    const [start, end] = [categoryStarts[category], categoryStarts[category + 1]];
    return drawByWeight(this.#sums[taste], start, end, uniform);
  }
}

/** Links from each item to items of its category, and to items of related categories. */
const LINKS_WITHIN = 16;
const LINKS_ACROSS = 8;
/** Those within the category first. */
export const LINKS: number = LINKS_WITHIN + LINKS_ACROSS;
export const RELATED_CATEGORIES = 2;

/** A sparse directed graph: from each item to the items that visitors often look at next. */
export interface RelatedItems {
  /** [items × LINKS] item numbers. An item may be linked twice. */
  readonly links: Int32Array;
  /** [categories × RELATED_CATEGORIES] category numbers. */
  readonly relatedCategories: Int32Array;
}

/** They do not change with the seasons. */
export function createRelatedItems(catalogue: ShopCatalogue, { seed }: ShopLogSettings): RelatedItems {
  const stream = new RandomStream(seed, 'synthetic.related-items');
  const { items, categories, categoryStarts, categoryOf } = catalogue;
  const relatedCategories = Int32Array.from({ length: categories * RELATED_CATEGORIES }, (_, index) => {
    const category = Math.floor(index / RELATED_CATEGORIES);
    return (category + 1 + stream.nextBelow(categories - 1)) % categories;
  });
  // Links are drawn by the square root of popularity, so that items of the long tail are linked as well.
  const sums = runningSums(catalogue.popularity.map(Math.sqrt));
  const links = new Int32Array(items * LINKS);
  for (let item = 0; item < items; item++) {
    for (let link = 0; link < LINKS; link++) {
      const home = categoryOf[item];
      const related = relatedCategories[home * RELATED_CATEGORIES + (link % RELATED_CATEGORIES)];
      const category = link < LINKS_WITHIN ? home : related;
      const [start, end] = [categoryStarts[category], categoryStarts[category + 1]];
      links[item * LINKS + link] = drawByWeight(sums, start, end, stream.nextFloat());
    }
  }
  return { links, relatedCategories };
}
