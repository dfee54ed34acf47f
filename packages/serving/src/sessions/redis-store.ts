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
 * A session is a list of `[number,click]`, `number` counting the clicks before. KEYS: session. ARGV: the click;
 * its beginning with item and event id, or nothing; most clicks; most milliseconds. Answer: whether the event is
 * repeated, then the clicks.
 */
const APPEND = `
local kept = redis.call('LRANGE', KEYS[1], 0, -1)
local most = tonumber(ARGV[3])
local event = ARGV[2]
local repeated = 0
if event ~= '' then
  for _, click in ipairs(kept) do
    local at = #(string.match(click, '^%[%d+,') or '')
    if string.sub(click, at + 1, at + #event) == event then repeated = 1 end
  end
end
if repeated == 0 then
  local last = kept[#kept]
  local number = last and tonumber(string.match(last, '^%[(%d+)')) or -1
  local click = string.format('[%.0f,%s]', number + 1, ARGV[1])
  redis.call('RPUSH', KEYS[1], click)
  redis.call('LTRIM', KEYS[1], -most, -1)
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  kept[#kept + 1] = click
end
local answer = { repeated }
for at = math.max(1, #kept - most + 1), #kept do answer[#answer + 1] = kept[at] end
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
    const { maxClicks, maxAgeMs } = this.#limits;
    const { item, eventId, ...others } = click;
    const event = eventId === undefined ? '' : `${JSON.stringify({ item, eventId }).slice(0, -1)},`;
    const text = JSON.stringify({ item, eventId, ...others });
    const words = [text, event, String(maxClicks), String(Math.ceil(maxAgeMs))];
    return this.#orAnew(sessionId, async (key) => {
      const [repeated, ...clicks] = await this.#ask<[number, ...Buffer[]]>([
        ...['EVAL', APPEND, '1', key],
        ...words,
      ]);
      return { session: sessionOf(clicks), repeated: repeated === 1 };
    });
  }

  async read(sessionId: string): Promise<StoredSession | undefined> {
    return this.#orAnew(sessionId, async (key) => {
      const clicks = await this.#ask<Buffer[]>(['LRANGE', key, '0', '-1']);
      return clicks.length === 0 ? undefined : sessionOf(clicks);
    });
  }

  async delete(sessionId: string): Promise<boolean> {
    return (await this.#ask<number>(['DEL', keyOf(sessionId)])) > 0;
  }

  /** What `append` does, to a key that expires at once: a full server and a read-only replica refuse it. */
  async probe(): Promise<void> {
    if (this.#readOnly) await this.read('');
    else await this.#ask(['EVAL', APPEND, '1', PROBE_KEY, '0', '', '1', '1']);
  }

  async close(): Promise<void> {
    const connected = this.#connected;
    this.#connected = undefined;
    (await connected?.catch(() => undefined))?.destroy();
  }

  /** A key that is no list of clicks is deleted: the session starts empty. */
  async #orAnew<Result>(sessionId: string, operation: (key: string) => Promise<Result>): Promise<Result> {
    const key = keyOf(sessionId);
    try {
      return await operation(key);
    } catch (error) {
      if (!(error instanceof NoClicks)) throw error;
      await this.#ask(['DEL', key]);
      return operation(key);
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

function keyOf(sessionId: string): string {
  // Distinct for ids that are no valid UTF-16 too.
  return `gru4rec:session:${JSON.stringify(sessionId).slice(1, -1)}`;
}

function sessionOf(texts: readonly Buffer[]): StoredSession {
  const clicks = texts.map((text) => {
    try {
      const [number, click] = JSON.parse(text.toString()) as [number, Click];
      if (Number.isSafeInteger(number) && isClick(click)) return { number, click };
    } catch {}
    throw new NoClicks();
  });
  return { clicks: clicks.map(({ click }) => click), dropped: clicks[0]?.number ?? 0 };
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
