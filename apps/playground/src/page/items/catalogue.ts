import type { SiteFeatures } from '../../site/site-files.ts';

export interface ModelCatalogueData {
  readonly ids: readonly string[];
  /** '' where an item has none; not given if no item has one. */
  readonly titles?: readonly string[] | undefined;
  /** Index into `groupNames`, −1 where an item has none. */
  readonly groups?: Int32Array | undefined;
  readonly groupNames?: readonly string[] | undefined;
  /** Items that cannot be had, which no list contains. */
  readonly unavailable?: readonly string[] | undefined;
  /** Clicks per item, or any numbers that order the items; not given if nobody counted. */
  readonly popularity?: ArrayLike<number> | undefined;
  readonly features?: SiteFeatures | undefined;
}

export interface SharedFeature {
  readonly name: string;
  /** How many of the clicked items have it. */
  readonly items: number;
}

/** Characters of a title or id that the page shows; the search finds the rest too. */
const MOST_SHOWN = 100;

export class ModelCatalogue {
  readonly data: ModelCatalogueData;
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #cold: ReadonlySet<number>;
  readonly #bearers = new Map<string, number>();

  constructor(data: ModelCatalogueData) {
    this.data = data;
    this.#indexOf = new Map(data.ids.map((id, index) => [id, index]));
    this.#cold = new Set(data.features?.cold);
    for (const id of data.ids) {
      const title = this.titleOf(id);
      this.#bearers.set(title, 1 + (this.#bearers.get(title) ?? 0));
    }
  }

  get length(): number {
    return this.data.ids.length;
  }

  get groupNames(): readonly string[] {
    return this.data.groupNames ?? [];
  }

  has(id: string): boolean {
    return this.#indexOf.has(id);
  }

  indexOf(id: string): number | undefined {
    return this.#indexOf.get(id);
  }

  /** What to call an item: its title, or its id; the beginning of a long one. */
  titleOf(id: string): string {
    const index = this.#indexOf.get(id);
    const title = (index !== undefined && this.data.titles?.[index]) || id;
    if (title.length <= MOST_SHOWN) return title;
    const characters = Array.from(title.slice(0, 2 * MOST_SHOWN)).slice(0, MOST_SHOWN - 1);
    return `${characters.join('').trimEnd()}…`;
  }

  groupOf(id: string): string | undefined {
    const index = this.#indexOf.get(id);
    const group = index === undefined ? undefined : this.data.groups?.[index];
    return group === undefined || group < 0 ? undefined : this.data.groupNames?.[group];
  }

  /** Whether nobody had clicked an item when the model was trained, which has features. */
  isCold(id: string): boolean {
    return this.#cold.has(this.#indexOf.get(id) ?? -1);
  }

  /** The features that an item shares with other ones, those of most of them first. */
  sharedFeatures(id: string, others: readonly string[]): SharedFeature[] {
    const { names = [] } = this.data.features ?? {};
    const clicked = [...new Set(others)].map((other) => new Set(this.#featuresOf(other)));
    return this.#featuresOf(id)
      .map((feature) => ({
        name: names[feature] ?? '',
        items: clicked.filter((features) => features.has(feature)).length,
      }))
      .filter(({ items }) => items > 0)
      .sort((a, b) => b.items - a.items);
  }

  #featuresOf(id: string): readonly number[] {
    return this.data.features?.items[this.#indexOf.get(id) ?? -1] ?? [];
  }

  /** The group, and the id if it has no group or another item has the same title. */
  hintOf(id: string): string {
    const [title, group] = [this.titleOf(id), this.groupOf(id)];
    const isClear = group !== undefined && this.#bearers.get(title) === 1;
    return [group ?? [], title === id || isClear ? [] : id].flat().join(' · ');
  }

  idsIn(groups: readonly string[]): string[] {
    const wanted = new Set(groups.map((name) => this.groupNames.indexOf(name)).filter((group) => group >= 0));
    return this.data.ids.filter((_, index) => wanted.has(this.data.groups?.[index] ?? -1));
  }

  /** The n most popular items' ids, or the first ones if nobody counted. */
  mostPopular(n: number): string[] {
    const { ids, popularity } = this.data;
    if (!popularity) return ids.slice(0, n);
    const order = Array.from(ids.keys()).sort((a, b) => (popularity[b] ?? 0) - (popularity[a] ?? 0) || a - b);
    return order.slice(0, n).map((index) => ids[index] as string);
  }
}

interface InfoLine {
  readonly id: string;
  readonly title?: unknown | undefined;
  readonly group?: unknown | undefined;
  readonly available?: unknown;
}

/** From the JSON Lines of a model's items file. Items may be missing. */
export function readItemInfo(
  lines: string,
  ids: readonly string[],
): Pick<ModelCatalogueData, 'titles' | 'groups' | 'groupNames' | 'unavailable'> {
  const byId = new Map(
    lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as InfoLine)
      .map((info) => [info.id, info]),
  );
  const infos = ids.map((id) => byId.get(id));
  const groupOf = (info: InfoLine | undefined): string => textOf(info?.group);
  const groupNames = [...new Set(infos.map(groupOf))].filter((name) => name !== '').sort();
  const numberOf = new Map(groupNames.map((name, number) => [name, number]));
  const titles = infos.map((info) => textOf(info?.title));
  return {
    titles: titles.some((title) => title !== '') ? titles : undefined,
    ...(groupNames.length > 0 && {
      groupNames,
      groups: Int32Array.from(infos, (info) => numberOf.get(groupOf(info)) ?? -1),
    }),
    unavailable: infos.flatMap((info) => (info?.available === false ? info.id : [])),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
