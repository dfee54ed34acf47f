import { MOST_EARLIER } from '@gru4rec/model';
import {
  type Appended,
  type Click,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  type StoreOptions,
  sessionLimits,
} from './session-store.ts';

const ANSWER_MS = 1000;

/**
 * A session is a list of `[number,click]`, `number` counting the clicks before. KEYS: session, items of the visitor, those of the
 * visitor when the session started. ARGV: the click; its beginning with item and event id, or nothing; most clicks; most
 * milliseconds; milliseconds for which the visitor's items are kept, or 0; the item; most of these items. Answer: whether the
 * event is repeated, the items at the start, then the clicks.
 */
const APPEND = `
local kept = redis.call('LRANGE', KEYS[1], 0, -1)
local most = tonumber(ARGV[3])
local most_age = ARGV[4]
local event = ARGV[2]
local repeated = 0
if event ~= '' then
  for _, click in ipairs(kept) do
    local at = #(string.match(click, '^%[%d+,') or '')
    if string.sub(click, at + 1, at + #event) == event then repeated = 1 end
  end
end
local remembered = tonumber(ARGV[5])
local earlier = {}
if remembered > 0 then
  if #kept == 0 and redis.call('EXISTS', KEYS[2]) == 1 then redis.call('COPY', KEYS[2], KEYS[3], 'REPLACE') end
  redis.call('PEXPIRE', KEYS[3], most_age)
  earlier = redis.call('LRANGE', KEYS[3], 0, -1)
end
if repeated == 0 and remembered > 0 then
  redis.call('LREM', KEYS[2], 0, ARGV[6])
  redis.call('LPUSH', KEYS[2], ARGV[6])
  redis.call('LTRIM', KEYS[2], 0, ARGV[7] - 1)
  redis.call('PEXPIRE', KEYS[2], remembered)
end
if repeated == 0 then
  local last = kept[#kept]
  local number = last and tonumber(string.match(last, '^%[(%d+)')) or -1
  local click = string.format('[%.0f,%s]', number + 1, ARGV[1])
  redis.call('RPUSH', KEYS[1], click)
  redis.call('LTRIM', KEYS[1], -most, -1)
  redis.call('PEXPIRE', KEYS[1], most_age)
  kept[#kept + 1] = click
end
local answer = { repeated, earlier }
for at = math.max(1, #kept - most + 1), #kept do answer[#answer + 1] = kept[at] end
return answer
`;

/** KEYS as above; answers the items at the start of the session, or of a visitor without one, then the clicks. */
const READ = `
local kept = redis.call('LRANGE', KEYS[1], 0, -1)
local answer = { redis.call('LRANGE', #kept == 0 and KEYS[2] or KEYS[3], 0, -1) }
for _, click in ipairs(kept) do answer[#answer + 1] = click end
return answer
`;

/** The key of no session: a quote in an id has a backslash before it. */
const PROBE_KEY = 'gru4rec:session:"probe"';

class NoClicks extends Error {}

/** The password, the database or the rights are wrong. */
export class RedisRefusal extends Error {
  override readonly name = 'RedisRefusal';
}

/**
 * Several servers may share the sessions: each append is one atomic script. An operation without an answer within a second
 * rejects and closes the connection; the next one connects again.
 */
export class RedisStore implements SessionStore {
  readonly #url: string;
  readonly #limits: SessionLimits;
  readonly #readOnly: boolean;
  #connected: Promise<Client> | undefined;

  private constructor(url: string, limits: Partial<SessionLimits>, readOnly: boolean) {
    this.#url = url;
    this.#limits = { ...sessionLimits, ...limits };
    this.#readOnly = readOnly;
  }

  /**
   * If the server cannot be reached, operations reject until it can.
   * @param url - `redis://` or `rediss://` (TLS), with user, password, host, port and number of the database.
   * @throws RedisRefusal if the server refuses the password or the database.
   */
  static async open(url: string, { readOnly = false, ...limits }: StoreOptions = {}): Promise<RedisStore> {
    const store = new RedisStore(url, limits, readOnly);
    await store.read('').catch((error: Error) => {
      if (error instanceof RedisRefusal) throw error;
    });
    return store;
  }

  /** Unknown, because Redis counts the keys of all its users. */
  get size(): undefined {
    return undefined;
  }

  async append(sessionId: string, click: Click): Promise<Appended> {
    const { maxClicks, maxAgeMs, rememberMs } = this.#limits;
    const { item, eventId, ...others } = click;
    const event = eventId === undefined ? '' : `${JSON.stringify({ item, eventId }).slice(0, -1)},`;
    const text = JSON.stringify({ item, eventId, ...others });
    const times = [Math.ceil(maxAgeMs), rememberMs].map(String);
    const words = [text, event, String(maxClicks), ...times, item, String(MOST_EARLIER)];
    return this.#orAnew(sessionId, async (keys) => {
      const asked = ['EVAL', APPEND, '3', ...keys, ...words];
      const [repeated, earlier, ...clicks] = await this.#ask<[number, Buffer[], ...Buffer[]]>(asked);
      return { session: sessionOf(clicks, earlier), repeated: repeated === 1 };
    });
  }

  async read(sessionId: string): Promise<StoredSession | undefined> {
    return this.#orAnew(sessionId, async (keys) => {
      const [earlier, ...clicks] = await this.#ask<[Buffer[], ...Buffer[]]>(['EVAL', READ, '3', ...keys]);
      return clicks.length + earlier.length === 0 ? undefined : sessionOf(clicks, earlier);
    });
  }

  async delete(sessionId: string): Promise<boolean> {
    return (await this.#ask<number>(['DEL', ...keysOf(sessionId)])) > 0;
  }

  /** What `append` does, to a key that expires at once: a full server and a read-only replica refuse it. */
  async probe(): Promise<void> {
    if (this.#readOnly) await this.read('');
    else
      await this.#ask([
        'EVAL',
        APPEND,
        '3',
        PROBE_KEY,
        PROBE_KEY,
        PROBE_KEY,
        '0',
        '',
        '1',
        '1',
        '0',
        '',
        '1',
      ]);
  }

  async close(): Promise<void> {
    const connected = this.#connected;
    this.#connected = undefined;
    (await connected?.catch(() => undefined))?.destroy();
  }

  /** A key that is no list of clicks is deleted: the session starts empty. */
  async #orAnew<Result>(
    sessionId: string,
    operation: (keys: readonly string[]) => Promise<Result>,
  ): Promise<Result> {
    const keys = keysOf(sessionId);
    try {
      return await operation(keys);
    } catch (error) {
      if (!(error instanceof NoClicks)) throw error;
      await this.#ask(['DEL', ...keys]);
      return operation(keys);
    }
  }

  async #ask<Answer>(words: (string | Buffer)[]): Promise<Answer> {
    const connected = this.#connected ?? this.#reconnect();
    try {
      const client = await connected;
      return await withinTime<Answer>(client.sendCommand(words) as Promise<unknown> as Promise<Answer>);
    } catch (error) {
      // This concerns the key and not the connection, which has the commands of other sessions.
      if (/\bWRONGTYPE\b/.test((error as Error).message)) throw new NoClicks();
      // Later commands must not overtake what is on the way.
      this.#drop(connected);
      connected.then(
        (client) => client.isOpen && client.destroy(),
        () => {},
      );
      throw describe(error as Error);
    }
  }

  #reconnect(): Promise<Client> {
    const connected = this.#connect();
    this.#connected = connected;
    // A connection that the server closes while nothing is asked is replaced before it is used.
    connected.then(
      (client) => client.once('error', () => this.#drop(connected)),
      () => {},
    );
    return connected;
  }

  #drop(connected: Promise<Client>): void {
    if (this.#connected === connected) this.#connected = undefined;
  }

  async #connect(): Promise<Client> {
    const client = await makeClient(this.#url);
    client.on('error', () => {});
    try {
      await withinTime(client.connect());
      return client;
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw error;
    }
  }
}

type Client = Awaited<ReturnType<typeof makeClient>>;

async function makeClient(url: string) {
  const { createClient, RESP_TYPES } = await import('@redis/client');
  return createClient({
    url,
    disableOfflineQueue: true,
    // Bytes that are no UTF-8 stay what they are.
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    socket: { connectTimeout: ANSWER_MS, reconnectStrategy: false },
  });
}

/** Of the session, and of the visitor's items, now and when it started. */
function keysOf(sessionId: string): string[] {
  // Distinct for ids that are no valid UTF-16 too.
  const id = JSON.stringify(sessionId).slice(1, -1);
  return ['session', 'visitor', 'earlier'].map((kind) => `gru4rec:${kind}:${id}`);
}

function sessionOf(texts: readonly Buffer[], items: readonly Buffer[]): StoredSession {
  const clicks = texts.map((text) => {
    try {
      const [number, click] = JSON.parse(text.toString()) as [number, Click];
      if (Number.isSafeInteger(number) && isClick(click)) return { number, click };
    } catch {}
    throw new NoClicks();
  });
  const earlier = items.length > 0 ? items.map(String) : undefined;
  return { clicks: clicks.map(({ click }) => click), dropped: clicks[0]?.number ?? 0, earlier };
}

function isClick({ item, timeMs, eventId = '', type = '', context = {} }: Click): boolean {
  return (
    Number.isFinite(timeMs) &&
    typeof context === 'object' &&
    [item, eventId, type, ...Object.values(context)].every((value) => typeof value === 'string')
  );
}

async function withinTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** In one line without the URL, which may have a password. */
function describe(error: Error): Error {
  const message = `Redis: ${error.message || (error as NodeJS.ErrnoException).code || error.name}`;
  const isRefusal = /^(WRONGPASS|NOAUTH|NOPERM|ERR) /.test(error.message);
  return isRefusal ? new RedisRefusal(message, { cause: error }) : new Error(message, { cause: error });
}
