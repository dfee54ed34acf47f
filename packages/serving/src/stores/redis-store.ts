import type { RedisClientType } from '@redis/client';
import {
  type Appended,
  type Click,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  sessionLimits,
} from '../session-store.ts';
import { type ClickFields, clickFields, clickOf } from './click-text.ts';

/** Milliseconds that connecting, and an answer, may take. */
const ANSWER_MS = 1000;

/**
 * A session is a list of clicks, `[number,timeMs,item,eventId]` as JSON, where `number` counts the clicks before it.
 *
 * KEYS: session. ARGV: the click after its number; the end of a click with its event id, or nothing; most clicks; most
 * milliseconds. Answer: whether the event is repeated, then the clicks.
 */
const APPEND = `
local kept = redis.call('LRANGE', KEYS[1], 0, -1)
local most = tonumber(ARGV[3])
local ending = ARGV[2]
local repeated = 0
if ending ~= '' then
  for _, click in ipairs(kept) do
    if string.sub(click, -#ending) == ending then repeated = 1 end
  end
end
if repeated == 0 then
  local last = kept[#kept]
  local number = last and tonumber(string.match(last, '^%[(%d+)')) + 1 or 0
  local click = string.format('[%.0f,%s', number, ARGV[1])
  redis.call('RPUSH', KEYS[1], click)
  redis.call('LTRIM', KEYS[1], -most, -1)
  kept[#kept + 1] = click
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local answer = { repeated }
for at = math.max(1, #kept - most + 1), #kept do answer[#answer + 1] = kept[at] end
return answer
`;

/** The server answers and refuses: its address is right, and the password, the database or the rights are not. */
export class RedisRefusal extends Error {
  override readonly name = 'RedisRefusal';
}

/**
 * Sessions in a Redis server, which several servers may share: each append is one script, which Redis runs as a whole.
 *
 * An operation that gets no answer within a second rejects, and the connection is closed. The next one connects again.
 */
export class RedisStore implements SessionStore {
  readonly #url: string;
  readonly #limits: SessionLimits;
  #connected: Promise<RedisClientType> | undefined;

  private constructor(url: string, limits: Partial<SessionLimits>) {
    this.#url = url;
    this.#limits = { ...sessionLimits, ...limits };
  }

  /**
   * Connects to a server. If it cannot be reached, operations reject until it can.
   * @param url - `redis://` or `rediss://` (TLS), with user, password, host, port and number of the database.
   * @throws RedisRefusal if the server refuses the password or the database.
   */
  static async open(url: string, limits: Partial<SessionLimits> = {}): Promise<RedisStore> {
    const store = new RedisStore(url, limits);
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
    const text = JSON.stringify(clickFields(click)).slice(1);
    const ending = click.eventId === undefined ? '' : `,${JSON.stringify(click.eventId)}]`;
    const words = [text, ending, String(maxClicks), String(Math.ceil(maxAgeMs))];
    const [repeated, ...clicks] = await this.#ask<[number, ...string[]]>([
      ...['EVAL', APPEND, '1', keyOf(sessionId)],
      ...words,
    ]);
    return { session: sessionOf(clicks), repeated: repeated === 1 };
  }

  async read(sessionId: string): Promise<StoredSession | undefined> {
    const clicks = await this.#ask<string[]>(['LRANGE', keyOf(sessionId), '0', '-1']);
    return clicks.length === 0 ? undefined : sessionOf(clicks);
  }

  async delete(sessionId: string): Promise<boolean> {
    return (await this.#ask<number>(['DEL', keyOf(sessionId)])) > 0;
  }

  async close(): Promise<void> {
    const connected = this.#connected;
    this.#connected = undefined;
    (await connected?.catch(() => undefined))?.destroy();
  }

  /** Sends a command. Commands reach the server in order of the calls. */
  async #ask<Answer>(words: string[]): Promise<Answer> {
    const connected = this.#connected ?? this.#reconnect();
    try {
      const client = await connected;
      return await withinTime<Answer>(client.sendCommand(words) as Promise<unknown> as Promise<Answer>);
    } catch (error) {
      // Whatever is still on the way on this connection is given up too: later commands must not overtake it.
      this.#drop(connected);
      connected.then(
        (client) => client.isOpen && client.destroy(),
        () => {},
      );
      throw describe(error as Error);
    }
  }

  #reconnect(): Promise<RedisClientType> {
    const connected = this.#connect();
    this.#connected = connected;
    // A connection that the server closes while nothing is asked is replaced before it is used.
    connected.then(
      (client) => client.once('error', () => this.#drop(connected)),
      () => {},
    );
    return connected;
  }

  #drop(connected: Promise<RedisClientType>): void {
    if (this.#connected === connected) this.#connected = undefined;
  }

  async #connect(): Promise<RedisClientType> {
    const { createClient } = await import('@redis/client');
    const client: RedisClientType = createClient({
      url: this.#url,
      disableOfflineQueue: true,
      socket: { connectTimeout: ANSWER_MS, reconnectStrategy: false },
    });
    // Each operation rejects with the error.
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

function keyOf(sessionId: string): string {
  // Distinct for ids that are no valid UTF-16 too.
  return `gru4rec:session:${JSON.stringify(sessionId).slice(1, -1)}`;
}

function sessionOf(texts: readonly string[]): StoredSession {
  const clicks = texts.map((text) => JSON.parse(text) as [number, ...ClickFields]);
  return { clicks: clicks.map(([, ...fields]) => clickOf(fields)), dropped: clicks[0]?.[0] ?? 0 };
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

/** The error of an operation, in one line without the URL, which may have a password. */
function describe(error: Error): Error {
  const message = `Redis: ${error.message || (error as NodeJS.ErrnoException).code || error.name}`;
  const isRefusal = /^(WRONGPASS|NOAUTH|NOPERM|ERR) /.test(error.message);
  return isRefusal ? new RedisRefusal(message, { cause: error }) : new Error(message, { cause: error });
}
