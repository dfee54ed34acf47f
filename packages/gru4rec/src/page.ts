/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { type Answer, type ClickOptions, connect, type RecommendedItem } from './client.ts';

/** Detail of the event `gru4rec:shown`: an answer with the items that the list shows. */
export interface Shown extends Answer {
  readonly place: string | null;
}

/** The last click in a list, until its product opens, which may be in another tab. */
const STORED = 'gru4rec:click';

/** Where a page may not store, a click and the view of its product count as two. */
function stored<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
}

/** The product of this page, when its view has been sent. */
let viewed: string | undefined;

/** Attributes that name a column, such as `data-href`. */
const marks = ['field', 'href', 'src'] as const;

/** Removes what the item has no value for. @returns whether every link leads to a page. */
function fill(element: HTMLElement, item: RecommendedItem): boolean {
  for (const part of [element, ...element.querySelectorAll<HTMLElement>('*')]) {
    for (const mark of marks) {
      const column = part.dataset[mark];
      if (column === undefined) continue;
      const value = String(item[column] ?? '');
      if (mark === 'field') part.textContent = value;
      else part.setAttribute(mark, value);
      if (value === '') part.remove();
      // A catalogue may have any text, such as javascript:.
      const isPage = value !== '' && part instanceof HTMLAnchorElement && /^https?:$/.test(part.protocol);
      if (mark === 'href' && !isPage) return false;
    }
  }
  return true;
}

/**
 * `<gru4rec-list>`: a list that the server recommends, rendered from the element's `<template>`; empty without an answer.
 *
 * In the template, `data-item` marks what is repeated per item, and `data-field="title"`, `data-href="url"` and
 * `data-src="image"` mark the texts, links and pictures that get the values of these columns.
 */
class RecommendationList extends HTMLElement {
  static readonly observedAttributes = [
    'server',
    'place',
    'session',
    'item',
    'kind',
    'n',
    'rules',
    'timeout',
  ];
  #elements = new Map<Element, RecommendedItem>();
  #answer: Answer = { items: [] };
  /** Grows with each change, which makes earlier answers void. */
  #turn = 0;
  /** Sees half of an item. */
  readonly #observer = new IntersectionObserver((entries) => this.#see(entries), { threshold: 0.5 });

  constructor() {
    super();
    this.addEventListener('click', (event) => this.#click(event));
    this.addEventListener('auxclick', (event) => this.#click(event));
  }

  connectedCallback(): void {
    this.#refresh();
  }

  attributeChangedCallback(): void {
    this.#refresh();
  }

  disconnectedCallback(): void {
    this.#turn++;
    this.#observer.disconnect();
  }

  async #refresh(): Promise<void> {
    const turn = ++this.#turn;
    // The template may not be parsed yet; otherwise, several attributes may change at once.
    if (document.readyState !== 'loading') await undefined;
    else await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve));
    if (turn !== this.#turn || !this.isConnected) return;
    try {
      const template = this.querySelector('template');
      const list = template && document.importNode(template.content, true);
      const model = list?.querySelector<HTMLElement>('[data-item]');
      if (!list || !model) throw new Error('expected a <template> with an element that has data-item');
      const columns = Array.from(
        template.innerHTML.matchAll(/data-(?:field|href|src)="(?!id")([^"]+)"/g),
        ([, column]) => column,
      );
      const answer = await this.#ask(columns);
      if (turn !== this.#turn) return;
      this.#answer = answer;
      this.#elements = new Map(
        answer.items.flatMap((item) => {
          const copy = document.importNode(model, true);
          return fill(copy, item) ? [[copy, item] as const] : [];
        }),
      );
      model.replaceWith(...this.#elements.keys());
      this.replaceChildren(template, ...(this.#elements.size > 0 ? [list] : []));
      this.#observer.disconnect();
      for (const element of this.#elements.keys()) this.#observer.observe(element);
    } catch (error) {
      // biome-ignore lint/suspicious/noConsole: who writes the page sees mistakes here
      console.warn(`gru4rec-list: ${error}`);
    }
  }

  #text(name: string): string | undefined {
    return this.getAttribute(name) || undefined;
  }

  get #client() {
    return connect(this.#text('server') ?? '', { timeoutMs: Number(this.#text('timeout') ?? 1000) });
  }

  async #ask(columns: readonly unknown[]): Promise<Answer> {
    const [place, session, item, n] = ['place', 'session', 'item', 'n'].map((name) => this.#text(name));
    const options = {
      ...JSON.parse(this.#text('rules') ?? '{}'),
      n: n && Number(n),
      fields: [...new Set(columns)],
      place,
    };
    if (!item)
      return session ? this.#client.recommend(session, options) : this.#client.trending(options.n, options);
    if (place === 'product') this.#view(item);
    const kind = this.#text('kind') ?? (place === 'basket' ? 'together' : 'next');
    return this.#client.related(item, { ...options, session, kind });
  }

  #see(entries: readonly IntersectionObserverEntry[]): void {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    this.#observer.disconnect();
    const items = [...this.#elements.values()];
    const detail: Shown = { ...this.#answer, items, place: this.getAttribute('place') };
    const session = this.#text('session');
    const { recommendationId } = this.#answer;
    if (session && recommendationId)
      this.#client.shown(
        session,
        recommendationId,
        items.map(({ id }) => id),
      );
    this.dispatchEvent(new CustomEvent('gru4rec:shown', { detail, bubbles: true }));
  }

  #click({ target, button }: MouseEvent): void {
    // The middle button opens a tab, the right one a menu.
    if (button > 1 || !(target instanceof Element) || !target.closest('a[href]')) return;
    const { recommendationId } = this.#answer;
    for (const [element, { id }] of this.#elements) {
      if (!element.contains(target)) continue;
      const click = { recommendationId, eventId: `${recommendationId} ${Date.now()}` };
      stored((storage) => storage.setItem(STORED, JSON.stringify([id, click])));
      this.#send(id, click);
    }
  }

  /** After a click in a list, the view of the product is that click again, which the server counts once. */
  #view(item: string): void {
    if (item === viewed) return;
    viewed = item;
    const [clicked, click] = stored((storage) => JSON.parse(storage.getItem(STORED) ?? '')) ?? [];
    stored((storage) => storage.removeItem(STORED));
    this.#send(item, clicked === item ? click : {});
  }

  #send(item: string, click: ClickOptions): void {
    const session = this.#text('session');
    if (session) this.#client.click(session, item, { ...click, n: 0 });
  }
}

customElements.define('gru4rec-list', RecommendationList);
