import type { ItemIds } from '@gru4rec/item-ids';
import { AllowedItems, type ItemRules, type PinnedItem } from './item-selector.ts';
import type { Selection } from './selection.ts';

/** What a selection is resolved against. */
export interface ResolveOptions {
  readonly itemIds: Pick<ItemIds, 'at' | 'indexOf'>;
  /** Number of items wanted. Pins beyond it are dropped. */
  readonly n: number;
  /** The only items that the answer may contain, in addition to the selection. */
  readonly candidates?: readonly string[] | undefined;
  /** Whether an item may be pinned; all may, if not given. */
  readonly isAvailable?: (itemId: string) => boolean;
}

/** The rules of a selection that name items, by item index. Ids are looked up once for all sessions. */
export class ResolvedSelection {
  readonly #itemIds: ResolveOptions['itemIds'];
  readonly #pinned: Selection['pinned'] & object;
  readonly #denied: ReadonlySet<number>;
  readonly #allowed: AllowedItems | undefined;
  readonly #itemBoosts: ReadonlyMap<number, number>;
  /** By position. Negative items are unknown: −1 is the first of `pinned`. */
  readonly #pins: readonly PinnedItem[];

  /**
   * @param selection - its lists are read twice, so they must be iterable twice, as the lists that `readSelection` returns
   * are.
   */
  constructor(selection: Selection, { itemIds, n, candidates, isAvailable }: ResolveOptions) {
    const { allow, deny = [], boost, pinned = [] } = selection;
    const indexOf = (id: string) => itemIds.indexOf(id);
    const known = (ids: Iterable<string>) => new Set(Array.from(ids, indexOf).filter((item) => item >= 0));
    const allowed = allow && known(allow);
    const both = candidates ? [...known(candidates)].filter((item) => allowed?.has(item) !== false) : allowed;
    this.#itemIds = itemIds;
    this.#pinned = pinned;
    this.#denied = known(deny);
    this.#allowed = both && new AllowedItems(Int32Array.from(both));
    const boosts = Array.from(boost?.items ?? [], ([id, value]) => [indexOf(id), value] as const);
    this.#itemBoosts = new Map(boosts.filter(([item]) => item >= 0));
    this.#pins = pinned
      .map(({ position, item: id }, at) => ({ position, id, item: indexOf(id) < 0 ? -1 - at : indexOf(id) }))
      .filter(({ position, id, item }) => {
        if (position > n || isAvailable?.(id) === false) return false;
        if (item >= 0) return allowed?.has(item) !== false;
        return ![...deny].includes(id) && (!allow || [...allow].includes(id));
      });
  }

  /** The rules for a session. @param seen - its items, if they are excluded. */
  rules(seen: Iterable<number> = []): ItemRules {
    const excluded = new Set([...this.#denied, ...seen]);
    const pins = this.#pinsWithout(excluded);
    for (const { item } of pins) if (item >= 0) excluded.add(item);
    return { excluded, allowed: this.#allowed, itemBoosts: this.#itemBoosts, pins };
  }

  /** The id of an item of the answer. */
  idOf(item: number): string {
    return (item < 0 ? this.#pinned[-1 - item]?.item : this.#itemIds.at(item)) as string;
  }

  #pinsWithout(excluded: ReadonlySet<number>): readonly PinnedItem[] {
    if (this.#pins.length === 0) return this.#pins;
    const taken = new Set<string>();
    const positions = new Set<number>();
    return this.#pins
      .filter(({ position, item }) => {
        const id = this.idOf(item);
        if (excluded.has(item) || taken.has(id) || positions.has(position)) return false;
        taken.add(id);
        positions.add(position);
        return true;
      })
      .sort((a, b) => a.position - b.position);
  }
}
