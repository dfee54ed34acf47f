import { RandomStream } from '@gru4rec/random';
import { createCatalogue, type ShopLogOptions, toSettings } from './catalogue.ts';
import { FIRST_ITEM_ID, ITEM_PRIME, scrambledIds } from './draws.ts';

/** An item of the shop. */
export interface ShopItem {
  /** As in the log, in [10⁸, 10⁹). */
  readonly id: number;
  /** Unique, such as `Rustic blue lamp 17`. Its first word is the item's taste. */
  readonly title: string;
  /** Such as `Lamps`. */
  readonly group: string;
  /** A maker of things of the item's taste. */
  readonly brand: string;
}

/** By taste; the first is that of items that suit everybody. */
const TASTE_WORDS = ['Plain', 'Classic', 'Sporty', 'Rustic', 'Modern', 'Playful', 'Elegant'];
/** As many of each taste, in their order. */
const BRANDS = [
  ...['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Ginkgo', 'Hazel', 'Ivy', 'Juniper', 'Kapok'],
  ...['Larch', 'Maple', 'Nutmeg', 'Oak', 'Pine', 'Quince', 'Rowan', 'Spruce', 'Teak', 'Willow'],
];
const BRANDS_PER_TASTE = BRANDS.length / TASTE_WORDS.length;
const COLOURS = ['red', 'blue', 'green', 'black', 'white', 'grey', 'yellow', 'brown', 'pink', 'orange'];
/** An item of a category; its plural is the category's name. */
const THINGS: readonly (readonly [one: string, many: string])[] = [
  ...['boot', 'sneaker', 'sandal', 'slipper', 'coat', 'jacket', 'shirt', 'sweater', 'skirt', 'belt'],
  ...['sock', 'hat', 'glove', 'bag', 'backpack', 'wallet', 'ring', 'necklace', 'umbrella', 'lamp'],
  ...['chair', 'table', 'sofa', 'rug', 'curtain', 'cushion', 'blanket', 'towel', 'mug', 'plate'],
  ...['bowl', 'pan', 'kettle', 'vase', 'clock', 'mirror', 'candle', 'book', 'puzzle', 'plant'],
  ...['tent', 'lantern', 'bicycle', 'helmet', 'racket', 'guitar', 'camera', 'radio', 'toaster', 'basket'],
].map((one) => [one, `${one.charAt(0).toUpperCase()}${one.slice(1)}s`]);

/**
 * Titles, groups and brands of all items of the shop whose log the same options give. Groups are the categories
 * that visitors browse; brands have a taste.
 * @returns in order of category.
 * @throws TypeError, RangeError if the seed is invalid.
 */
export function shopItems(options: ShopLogOptions): ShopItem[] {
  const settings = toSettings(options);
  const { categoryOf, categoryStarts, tasteOf } = createCatalogue(settings);
  const idOf = scrambledIds(FIRST_ITEM_ID, ITEM_PRIME, new RandomStream(settings.seed, 'synthetic.item-ids'));
  const colours = new RandomStream(settings.seed, 'synthetic.colours');
  const brands = new RandomStream(settings.seed, 'synthetic.brands');
  return Array.from(categoryOf, (category, item) => {
    const [one, many] = THINGS[category % THINGS.length];
    const department = Math.floor(category / THINGS.length);
    const colour = COLOURS[colours.nextBelow(COLOURS.length)];
    const number = item - categoryStarts[category] + 1;
    const brand = BRANDS_PER_TASTE * (tasteOf[item] + 1) + brands.nextBelow(BRANDS_PER_TASTE);
    const suffix = department === 0 ? '' : ` ${department + 1}`;
    return {
      id: idOf(item),
      title: `${TASTE_WORDS[tasteOf[item] + 1]} ${colour} ${one}${suffix && `${suffix} no.`} ${number}`,
      group: `${many}${suffix}`,
      brand: BRANDS[brand],
    };
  });
}
