import { RandomStream } from '@gru4rec/random';
import type { Catalogue } from './catalogue.ts';
import type { ShopLogSettings } from './options.ts';
import { drawByWeight, runningSums } from './weighted-draw.ts';

/** Links from each item to others of its category, and to items of related categories. */
const LINKS_WITHIN = 16;
const LINKS_ACROSS = 8;
/** Links of an item, those within the category first. */
export const LINKS: number = LINKS_WITHIN + LINKS_ACROSS;
/** Categories related to a category. */
export const RELATED_CATEGORIES = 2;

/** The sparse, directed graph "whoever looked at this went on to that". */
export interface RelatedItems {
  /** [items × LINKS] item numbers; the same may appear twice. */
  readonly links: Int32Array;
  /** [categories × RELATED_CATEGORIES] category numbers. */
  readonly relatedCategories: Int32Array;
}

/** @returns the links of a catalogue: drawn once, they do not change with the seasons (fresh). */
export function createRelatedItems(catalogue: Catalogue, { seed }: ShopLogSettings): RelatedItems {
  const stream = new RandomStream(seed, 'synthetic.related-items');
  const { items, categories, categoryStarts, categoryOf } = catalogue;
  const relatedCategories = Int32Array.from({ length: categories * RELATED_CATEGORIES }, (_, index) => {
    const category = Math.floor(index / RELATED_CATEGORIES);
    return (category + 1 + stream.nextBelow(categories - 1)) % categories;
  });
  // The root: the tail is linked to as well, or it would hardly be seen.
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
