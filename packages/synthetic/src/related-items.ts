import { RandomStream } from '@gru4rec/random';
import type { ShopCatalogue } from './catalogue.ts';
import type { ShopLogSettings } from './options.ts';
import { drawByWeight, runningSums } from './weighted-draw.ts';

/** Links from each item to items of its category, and to items of related categories. */
const LINKS_WITHIN = 16;
const LINKS_ACROSS = 8;
/** Links per item, those within its category first. */
export const LINKS: number = LINKS_WITHIN + LINKS_ACROSS;
/** Related categories per category. */
export const RELATED_CATEGORIES = 2;

/** A sparse directed graph: from each item to the items that visitors often look at next. */
export interface RelatedItems {
  /** [items × LINKS] item numbers. An item may be linked twice. */
  readonly links: Int32Array;
  /** [categories × RELATED_CATEGORIES] category numbers. */
  readonly relatedCategories: Int32Array;
}

/** Draws the links of a catalogue from the seed. They do not change with the seasons. */
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
