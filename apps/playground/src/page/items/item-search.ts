import UFuzzy from '@leeoniya/ufuzzy';
import type { ModelCatalogue } from './catalogue.ts';

export interface FoundItem {
  readonly id: string;
  readonly title: string;
}

const MOST_RANKED = 2000;

export class ItemSearch {
  readonly #fuzzy = new UFuzzy({
    unicode: true,
    interSplit: "[^\\p{L}\\d']+",
    intraSplit: '\\p{Ll}\\p{Lu}',
    intraBound: '\\p{L}\\d|\\d\\p{L}|\\p{Ll}\\p{Lu}',
    intraChars: "[\\p{L}\\d']",
    intraContr: "'\\p{L}{1,2}\\b",
  });
  readonly #catalogue: ModelCatalogue;
  readonly #texts: string[];

  constructor(catalogue: ModelCatalogue) {
    const { ids, titles } = catalogue.data;
    this.#catalogue = catalogue;
    this.#texts = UFuzzy.latinize(ids.map((id, index) => (titles?.[index] ? `${titles[index]} ${id}` : id)));
  }

  find(text: string, n: number): FoundItem[] {
    const needle = UFuzzy.latinize(text.trim());
    if (needle === '') return [];
    const { ids } = this.#catalogue.data;
    return this.#order(needle)
      .slice(0, n)
      .map((index) => ids[index] as string)
      .map((id) => ({ id, title: this.#catalogue.titleOf(id) }));
  }

  #order(needle: string): number[] {
    const [indices, info, order] = this.#fuzzy.search(this.#texts, needle, 3, MOST_RANKED);
    // Ids of punctuation only have no words that the library could find.
    if (!indices) return this.#texts.flatMap((text, index) => (text.includes(needle) ? [index] : []));
    if (!info || !order) return indices;
    return order.map((place) => info.idx[place] as number);
  }
}
