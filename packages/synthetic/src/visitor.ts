import type { RandomStream } from '@gru4rec/random';
import { attraction, type ShopCatalogue, TASTES } from './catalogue.ts';
import { type Demand, LINKS, RELATED_CATEGORIES, type RelatedItems } from './demand.ts';

export interface Shop {
  readonly catalogue: ShopCatalogue;
  readonly related: RelatedItems;
  readonly demand: Demand;
}

// Running sums of the probabilities of a visitor's next action.
const RELOAD = 0.05; // 5 %: the same item again
const BESTSELLER = 0.2; // 15 %: an item drawn by demand from the whole shop, then back to the trail
const GO_BACK = 0.29; // 9 %: an item seen earlier
const CHANGE_CATEGORY = 0.33; // 4 %: an item of a related category
const BROWSE = 0.48; // 15 %: an item of the current category
// 52 %: a link from the latest item on the trail

/**
 * One visit, whose intent (taste, category, latest item on the trail) lasts and is revealed by no single click: so
 * a model that remembers earlier clicks predicts better than one that uses only the last click.
 */
export class Visitor {
  readonly #shop: Shop;
  readonly #stream: RandomStream;
  readonly #taste: number;
  readonly #seen: number[] = [];
  #category: number;
  /** The latest item on the trail, which bestsellers and reloads do not change. */
  #trail: number;

  constructor(shop: Shop, stream: RandomStream) {
    this.#shop = shop;
    this.#stream = stream;
    this.#taste = stream.nextBelow(TASTES);
    this.#trail = shop.demand.drawItem(this.#taste, stream.nextFloat());
    this.#category = shop.catalogue.categoryOf[this.#trail];
  }

  /** @returns the item numbers of the clicks, in order. */
  visit(length: number): readonly number[] {
    this.#seen.push(this.#trail);
    while (this.#seen.length < length) this.#seen.push(this.#next());
    return this.#seen;
  }

  #next(): number {
    const { catalogue, demand } = this.#shop;
    const choice = this.#stream.nextFloat();
    if (choice < RELOAD) return this.#seen[this.#seen.length - 1];
    if (choice < BESTSELLER) return demand.drawItem(this.#taste, this.#stream.nextFloat());
    if (choice < GO_BACK) this.#trail = this.#seen[this.#stream.nextBelow(this.#seen.length)];
    else if (choice < CHANGE_CATEGORY) this.#trail = this.#browse(this.#relatedCategory());
    else if (choice < BROWSE) this.#trail = this.#browse(this.#category);
    else this.#trail = this.#followLink();
    this.#category = catalogue.categoryOf[this.#trail];
    return this.#trail;
  }

  #browse(category: number): number {
    return this.#shop.demand.drawFromCategory(category, this.#taste, this.#stream.nextFloat());
  }

  #relatedCategory(): number {
    const { relatedCategories } = this.#shop.related;
    return relatedCategories[
      this.#category * RELATED_CATEGORIES + this.#stream.nextBelow(RELATED_CATEGORIES)
    ];
  }

  /** In proportion to the attraction of its item. */
  #followLink(): number {
    const { catalogue, related } = this.#shop;
    const first = this.#trail * LINKS;
    let total = 0;
    for (let link = first; link < first + LINKS; link++) {
      total += attraction(catalogue, related.links[link], this.#taste);
    }
    let wanted = this.#stream.nextFloat() * total;
    let link = first;
    while (link < first + LINKS - 1) {
      wanted -= attraction(catalogue, related.links[link], this.#taste);
      if (wanted < 0) break;
      link++;
    }
    return related.links[link];
  }
}
