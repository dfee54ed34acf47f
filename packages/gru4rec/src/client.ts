type Value = string | number | boolean;

/** A rule per column of the items file: a value, one of several, or conditions that all have to hold. */
export type Where = Readonly<
  Record<
    string,
    | Value
    | readonly Value[]
    | ({ readonly not?: Value | readonly Value[]; readonly same?: true } & {
        readonly [Bound in 'lt' | 'lte' | 'gt' | 'gte']?: number;
      })
  >
>;

/** Rules of a request, as the server documents them at `/docs`. */
export interface RecommendOptions {
  /** Number of items; 20 if not given. */
  readonly n?: number | undefined;
  /** Where the list is shown, such as `product`, by which `gru4rec impact` reports. */
  readonly place?: string | undefined;
  /** Only these items; none of those in `deny`. */
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  readonly excludeSeen?: boolean | undefined;
  /** Exclude the items that the session has bought. */
  readonly excludePurchased?: boolean | undefined;
  /** Rules about columns of the server's items file, such as `{ brand: ['Nike'], price: { lte: 50 } }`. */
  readonly where?: Where | undefined;
  /** The most items per group. */
  readonly maxPerGroup?: number | undefined;
  /** The column that groups items; `group` if not given. */
  readonly groupBy?: string | undefined;
  /** How unlike the items are, from 0, only by score, to 1. */
  readonly variety?: number | undefined;
  /** Columns of the server's items file to repeat per item. */
  readonly fields?: readonly string[] | undefined;
}

/** Which items related to an item, and their rules. */
export interface RelatedOptions extends RecommendOptions {
  /** `next`, if not given: the answer to one click; `together`: items of the same sessions; `alike`: items with like features. */
  readonly kind?: 'next' | 'together' | 'alike' | undefined;
  /** Whose list it is. */
  readonly session?: string | undefined;
}

/** The rules of what is trending. */
export interface TrendingOptions extends Omit<RecommendOptions, 'n'> {
  /** Whose list it is. */
  readonly session?: string | undefined;
}

/** How to order candidates. */
export interface RankOptions extends Omit<RecommendOptions, 'n'> {
  /** Score per candidate by which they are in order; their own order, if not given. */
  readonly scores?: readonly number[] | undefined;
  /** From 0, only the given order, to 1, only the model's (not given). */
  readonly weight?: number | undefined;
  /** Whose list it is. */
  readonly session?: string | undefined;
}

/** About a click, and the rules of its answer. */
export interface ClickOptions extends RecommendOptions {
  /** Milliseconds since 1970; now if not given. */
  readonly timeMs?: number | undefined;
  /** Made if not given. A click whose id and item the session has already is answered and not counted. */
  readonly eventId?: string | undefined;
  /** The answer in which the item was clicked. */
  readonly recommendationId?: string | undefined;
  /** Type of the click, such as `cart`. */
  readonly type?: string | undefined;
  /** What the item earns, such as its price; below 0 if it came back, which is no click. */
  readonly value?: number | undefined;
  /** The order that the item is part of. */
  readonly orderId?: string | undefined;
  /** Further values by column, such as `device`. */
  readonly context?: Readonly<Record<string, string>> | undefined;
  /** False answers without remembering the click. */
  readonly store?: boolean | undefined;
  /** Group per item, in the place of those of the items file. */
  readonly groups?: Readonly<Record<string, string>> | undefined;
  /** Numbers that are added to the scores of items and of groups. */
  readonly boost?: Partial<Record<'items' | 'groups', Readonly<Record<string, number>>>> | undefined;
  /** Items at fixed positions, from 1. */
  readonly pinned?: readonly { readonly position: number; readonly item: string }[] | undefined;
}

/** An item, best first, with the `fields` of the request. */
export interface RecommendedItem {
  readonly id: string;
  /** Comparable within an answer; null for an item that the model does not know. */
  readonly score: number | null;
  readonly [field: string]: unknown;
}

/** What to show; only `items` if there was no answer: empty, or the candidates of `rank`. */
export interface Answer {
  readonly items: readonly RecommendedItem[];
  /** To be sent with a click on one of the items. */
  readonly recommendationId?: string;
  readonly model?: string | undefined;
  readonly modelVersion?: string;
  /** Items of the session, and values of the click, that the model does not know. */
  readonly unknown?: readonly string[];
  readonly unknownContext?: readonly string[];
  /** Whether these are trending items. */
  readonly fallback?: boolean;
  /** How many items `where` leaves. */
  readonly left?: number | undefined;
  /** What the items come from. */
  readonly source?: 'model' | 'trending' | 'next' | 'together' | 'alike' | 'none';
}

/** A request that got no answer of a server (`timeout`, `unreachable`), or an error with a `status` (`refused`). */
export interface ClientEvent {
  readonly kind: 'timeout' | 'unreachable' | 'refused';
  readonly request: 'click' | 'shown' | 'recommend' | 'trending' | 'related' | 'rank' | 'forget';
  /** Undefined of `trending`, `related` and `rank`. */
  readonly sessionId?: string | undefined;
  /** The item of `related`, or of a click, which can be sent again with the same `eventId`. */
  readonly item?: string;
  readonly eventId?: string;
  /** 400 or 401 if the program is wrong, 503 if the server cannot answer now. */
  readonly status?: number;
  readonly message: string;
}

/** How to ask a server. */
export interface ClientOptions {
  /** Bearer token of the server. In a page, where everybody can read it, only a key of `--page-key-file`. */
  readonly token?: string | undefined;
  /** The longest that a request may take (1,000). After half of it without an answer, or at a lost connection, it is sent again, once. */
  readonly timeoutMs?: number | undefined;
  /** Called when a request fails; without, the message goes to `console.warn`, and so does what this throws. */
  readonly onEvent?: ((event: ClientEvent) => void) | undefined;
}

/** Asks a server. No method throws or rejects: what goes wrong, wrong arguments too, is an event. */
export interface Client {
  /** Records a click, and recommends what comes next. */
  click(sessionId: string, item: string, options?: ClickOptions): Promise<Answer>;
  /** Says which items of an answer the visitor saw. @returns whether the server logged it. */
  shown(sessionId: string, recommendationId: string, items: readonly string[]): Promise<boolean>;
  /** Recommends for a session; what is trending if it has no click. */
  recommend(sessionId: string, options?: RecommendOptions): Promise<Answer>;
  /** Recommends what is trending. @param n - number of items; 20 if not given. */
  trending(n?: number, rules?: TrendingOptions): Promise<Answer>;
  /** Recommends items that are related to an item. */
  related(item: string, options?: RelatedOptions): Promise<Answer>;
  /** Orders candidates, such as of a search, after the clicks on `items`. Without an answer, they are as they were given. */
  rank(items: readonly string[], candidates: readonly string[], options?: RankOptions): Promise<Answer>;
  /** Forgets a session. @returns whether the server did. */
  forget(sessionId: string): Promise<boolean>;
}

type Asked = Pick<ClientEvent, 'request' | 'sessionId' | 'item'> & { eventId?: string };

interface Message {
  readonly method: string;
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: string;
}

/** A client of the server at `url`, such as `http://127.0.0.1:8080`. Nothing is sent before the first request. */
export function connect(url: string, options: ClientOptions = {}): Client {
  const { token, timeoutMs = 1000 } = options;
  // biome-ignore lint/suspicious/noConsole: who asks for no events sees mistakes here
  const warn = (text: unknown) => console.warn(text);
  const { onEvent = ({ message }: ClientEvent) => warn(message) } = options;

  /** @param write - may throw. @returns what the server answered, or undefined after an event. */
  async function ask(asked: Asked, write: () => Message): Promise<Answer | undefined> {
    const end = Date.now() + timeoutMs;
    let message: Message | undefined;
    let failure: Pick<ClientEvent, 'kind' | 'message' | 'status'> | undefined;
    for (let tries = 2; tries > 0 && failure?.kind !== 'refused'; tries--) {
      try {
        message ??= write();
        const { method, path, body } = message;
        const signal = AbortSignal.timeout(Math.max(0, Math.ceil((end - Date.now()) / tries)));
        const address = `${url.replace(/\/$/, '')}/v1/${path}`;
        const headers = {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        };
        const response = await fetch(address, { method, headers, signal, body: body ?? null });
        const text = await response.text();
        if (response.ok) {
          const answer =
            response.status === 204 && /^(forget|shown)$/.test(asked.request)
              ? { items: [] }
              : JSON.parse(text);
          if (Array.isArray(answer?.items)) return answer;
          throw new TypeError(`expected a list of items, got ${text.slice(0, 100)}`);
        }
        const [, detail = text] = /"detail":"(.*)"\}$/.exec(text) ?? [];
        failure = { kind: 'refused', status: response.status, message: `HTTP ${response.status}: ${detail}` };
      } catch (error) {
        const { name, message: reason, cause } = error instanceof Error ? error : new Error('unknown');
        const why = cause instanceof Error ? `${reason} (${cause})` : reason;
        if (name === 'TimeoutError') failure = { kind: 'timeout', message: `no answer in ${timeoutMs} ms` };
        else failure = { kind: 'unreachable', message: why };
      }
    }
    if (!failure) return undefined;
    const event = { ...asked, ...failure, message: `gru4rec ${asked.request}: ${failure.message}` };
    // The listener may throw or reject.
    (async () => onEvent(event))().catch(warn);
    return undefined;
  }
  return {
    async click(sessionId, item, options) {
      // A page without TLS has no randomUUID. The id has to differ from those of its session.
      const made = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
      const asked: Asked = { request: 'click', sessionId, item, eventId: made };
      const answer = await ask(asked, () => {
        const { eventId = made, timeMs: time, ...others } = options ?? {};
        asked.eventId = eventId;
        return {
          method: 'POST',
          path: `${pathOf(sessionId)}/events`,
          body: JSON.stringify({ ...others, time, item, eventId }),
        };
      });
      return answer ?? { items: [] };
    },
    async shown(sessionId, recommendationId, items) {
      const answer = await ask({ request: 'shown', sessionId }, () => {
        const body = JSON.stringify({ recommendationId, items });
        return { method: 'POST', path: `${pathOf(sessionId)}/shown`, body };
      });
      return answer !== undefined;
    },
    async recommend(sessionId, options) {
      const answer = await ask({ request: 'recommend', sessionId }, () => {
        return { method: 'GET', path: `${pathOf(sessionId)}/recommendations?${queryOf(options)}` };
      });
      return answer ?? { items: [] };
    },
    async trending(n, rules) {
      const answer = await ask({ request: 'trending' }, () => {
        return { method: 'GET', path: `trending?${queryOf({ ...rules, n })}` };
      });
      return answer ?? { items: [] };
    },
    async related(item, options) {
      const answer = await ask({ request: 'related', item }, () => {
        return { method: 'GET', path: `items/${encodeURIComponent(item)}/related?${queryOf(options)}` };
      });
      return answer ?? { items: [] };
    },
    async rank(items, candidates, options) {
      const answer = await ask({ request: 'rank' }, () => {
        return { method: 'POST', path: 'rank', body: JSON.stringify({ ...options, items, candidates }) };
      });
      const given = Array.isArray(candidates) ? candidates : [];
      return answer ?? { items: given.map((id: string) => ({ id, score: null })) };
    },
    async forget(sessionId) {
      const answer = await ask({ request: 'forget', sessionId }, () => ({
        method: 'DELETE',
        path: pathOf(sessionId),
      }));
      return answer !== undefined;
    },
  };
}

function pathOf(sessionId: string): string {
  return `sessions/${encodeURIComponent(sessionId)}`;
}

function queryOf(options: RecommendOptions | undefined): URLSearchParams {
  // In a query, an empty list is none.
  const { where, ...others } = options?.allow?.length === 0 ? { ...options, n: 0 } : (options ?? {});
  const query = new URLSearchParams(where ? { where: JSON.stringify(where) } : {});
  for (const [name, value] of Object.entries(others))
    for (const one of [value].flat()) if (one !== undefined) query.append(name, String(one));
  return query;
}
