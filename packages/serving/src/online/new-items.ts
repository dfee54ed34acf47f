import { z } from 'zod';
import type { ItemsFile } from '../items/items-file.ts';
import type { Models } from '../models/served-model.ts';
import type { AnswerEvent, ClickEvent, TrafficObserver } from '../traffic.ts';

const COUNTED = 200;
const REPORTED = 10;

/** Items that their model did not know when they were first clicked, or that were added to it without a training. */
export const newItems = z
  .array(
    z.object({
      id: z.string(),
      title: z.string().optional(),
      clicked: z.int(),
      listed: z.int().describe('Lists of recommendations that it was in'),
      firstClickMs: z.int().describe('Milliseconds since 1970'),
      known: z.boolean(),
    }),
  )
  .describe('Items that no model knew at their first click, newest first');
type NewItem = z.output<typeof newItems>[number];

/** Since the server started. */
export class NewItems implements TrafficObserver {
  readonly #models: Models;
  readonly #info: ItemsFile | undefined;
  readonly #items = new Map<string, Omit<NewItem, 'title' | 'known'>>();

  constructor(models: Models, info: ItemsFile | undefined) {
    this.#models = models;
    this.#info = info;
  }

  onClick({ sessionId, click: { item: id } }: ClickEvent): void {
    const counted = this.#items.get(id);
    const model = this.#models.of(sessionId);
    if (counted) counted.clicked++;
    else if (model.isReady && (!isKnown(model, id) || model.additions?.isNew(id))) {
      this.#items.set(id, { id, firstClickMs: Date.now(), clicked: 1, listed: 0 });
      const [oldest] = this.#items.keys();
      if (this.#items.size > COUNTED && oldest !== undefined) this.#items.delete(oldest);
    }
  }

  onAnswer({ items }: AnswerEvent): void {
    if (this.#items.size === 0) return;
    for (const id of items) {
      const counted = this.#items.get(id);
      if (counted) counted.listed++;
    }
  }

  report(): NewItem[] {
    const latest = [...this.#items.values()].slice(-REPORTED).reverse();
    return latest.map((item) => ({
      ...{ ...item, title: this.#info?.get(item.id)?.title },
      known: this.#models.all.some((model) => model.isReady && isKnown(model, item.id)),
    }));
  }
}

function isKnown({ inference }: Models['all'][number], id: string): boolean {
  return inference.itemIds.indexOf(id) >= 0;
}
