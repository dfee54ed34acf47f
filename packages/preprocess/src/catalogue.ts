import { show } from '@gru4rec/checked-options';
import { ItemIdTable } from '@gru4rec/item-ids';
import { itemsError, repeated } from '@gru4rec/item-info';
import { type ItemChunk, withMoreItems } from '@gru4rec/sessions';
import { itemRowsIn } from './items-file.ts';

/**
 * Reads the ids of the items of an items file that a dataset keeps without training clicks: those that are available.
 *
 * @throws Error naming the file and, in its cause, the line that is wrong.
 */
export async function readCatalogue(path: string, idColumn?: string): Promise<ItemIdTable> {
  const ids = new ItemIdTable();
  for await (const row of itemRowsIn(path, idColumn)) {
    const { id, info, line } = row;
    if (/\p{Surrogate}/u.test(id)) {
      const flaw = `line ${line}: "id" expected Unicode, got a lone surrogate in ${show(id)}`;
      throw itemsError(path, new Error(flaw));
    }
    if (!info.available) continue;
    const { length } = ids;
    if (ids.add(id) < length) throw itemsError(path, repeated(row));
  }
  return ids;
}

const PIECE = 1000;

/** The ids of a catalogue, in pieces. */
export async function* piecesOf(catalogue: ItemIdTable): AsyncGenerator<string[]> {
  for (let from = 0; from < catalogue.length; from += PIECE) yield catalogue.slice(from, from + PIECE);
}

/**
 * Appends the items of a catalogue to those with training events. Events number items without training events in any order;
 * the dataset numbers them in the order of the catalogue.
 */
export class CatalogueItems {
  readonly #catalogue: ItemIdTable;
  readonly #itemIds = new ItemIdTable();
  /** The items without training events that have other events, in the order of the events' numbers. */
  readonly #heldOut = new ItemIdTable();
  #trained = 0;

  constructor(catalogue: ItemIdTable) {
    this.#catalogue = catalogue;
  }

  /** Number of items without training events, after `items`. */
  get cold(): number {
    return this.#itemIds.length - this.#trained;
  }

  /** @param chunks - items of events: those with training events come first. */
  items(chunks: AsyncIterable<ItemChunk>): AsyncGenerator<ItemChunk> {
    return withMoreItems(this.#ofTraining(chunks), piecesOf(this.#catalogue), this.#itemIds);
  }

  async *#ofTraining(chunks: AsyncIterable<ItemChunk>): AsyncGenerator<ItemChunk> {
    for await (const { itemIds, support } of chunks) {
      const first = support.indexOf(0);
      const trained = first < 0 ? support.length : first;
      for (const id of itemIds.slice(trained)) this.#heldOut.add(id);
      this.#trained += trained;
      if (trained > 0) yield { itemIds: itemIds.slice(0, trained), support: support.subarray(0, trained) };
    }
  }

  /** Maps items of events to items of the dataset, after `items`. */
  renumber(items: Int32Array): Int32Array {
    if (this.#heldOut.length === 0) return items;
    const index = Int32Array.from(this.#heldOut, (id) => this.#itemIds.indexOf(id));
    return items.map((item) => (item < this.#trained ? item : (index[item - this.#trained] as number)));
  }
}
