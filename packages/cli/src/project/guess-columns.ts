import { show, showNames, UsageError } from '@gru4rec/checks';
import { availabilityOf, type ItemColumnNames } from '@gru4rec/dataset/items';
import type { LogSample } from '@gru4rec/preprocess';

type Role = 'session' | 'user' | 'item' | 'time' | 'type';
type Roles = Partial<Record<Role, string>>;
/** Users' clicks are cut into sessions. */
export type FoundRoles = Roles & { item: string; time: string };

export const PURCHASES =
  'The log has purchases only: they say what is bought together, not what is looked at next';
const DAYS =
  'eventdate has days only: sort the rows of a session by timeframe, because clicks of a day keep their order';
const SNOWPLOW = { item: 'product_sku|item|item_id', time: 'derived_tstamp', type: 'event_name' };
const MATOMO = { item: 'product_sku', time: 'server_time' };

/** The first name for a role that occurs counts. Types may be absent. */
const shapes: readonly (readonly [log: string, Roles, note?: string])[] = [
  ['GRU4Rec', { session: 'SessionId', item: 'ItemId', time: 'Time', type: 'Type' }],
  ['OTTO', { session: 'session', item: 'aid', time: 'ts', type: 'type' }],
  ['Retailrocket', { user: 'visitorid', item: 'itemid', time: 'timestamp', type: 'event' }],
  ['Diginetica', { session: 'sessionId|session_id', item: 'itemId|item_id', time: 'eventdate' }, DAYS],
  ['YOOCHOOSE', { session: 'session_id|Session ID', item: 'item_id|Item ID', time: 'timestamp|Timestamp' }],
  ['H&M', { user: 'customer_id', item: 'article_id', time: 't_dat' }, PURCHASES],
  ['Amazon', { user: 'user_id', item: 'parent_asin', time: 'timestamp' }, PURCHASES],
  ['Amazon, 2018', { user: 'reviewerID', item: 'asin', time: 'unixReviewTime' }, PURCHASES],
  ['Globo', { session: 'session_id', item: 'click_article_id', time: 'click_timestamp' }],
  ['GA4', { user: 'user_pseudo_id', item: 'item_id', time: 'event_timestamp', type: 'event_name' }],
  ['Segment', { user: 'anonymous_id', item: 'product_id', time: 'timestamp', type: 'event' }],
  ['Snowplow', { session: 'domain_sessionid', ...SNOWPLOW }],
  ['Snowplow, visitors', { user: 'domain_userid', ...SNOWPLOW }],
  ['Matomo', { session: 'idvisit', ...MATOMO }],
  ['Matomo, visitors', { user: 'idvisitor', ...MATOMO }],
  ['Shopify', { user: 'Email|Customer ID', item: 'Lineitem sku', time: 'Created at' }, PURCHASES],
];

const KEY = /(id|sku|key|code|nr|no)$|^(item|product|article|content|user|visitor|customer|session|visit)$/i;
/** What a name may have, and what it rather has if several do. */
const hints: Readonly<Record<Role, readonly [hint: RegExp, better: RegExp]>> = {
  session: [/session|visit(?!or)|basket/i, KEY],
  user: [/user|visitor|customer|client|member|account|cookie|shopper|guest|mail|anonym|kunde|besuch/i, KEY],
  item: [/item|produ[ck]t|sku|arti[ck](el|le)|content|asin|song|track|movie|video|offer|listing|isbn/i, KEY],
  time: [
    /time|stamp|(?<!up)dat(e|um)|when|zeit|(^|[^a-z])(ts|at)$/i,
    /^((event|click)[_ ]?)?(time(stamp)?|ts|datetime)$/i,
  ],
  type: [/^(event|action|type|kind|activity|behaviou?r)([_ -]?(name|type))?$/i, /./],
};
const DETAIL =
  /name|title|pric|categor|brand|url|link|image|(?<!ac)count|qty|quant|amount|type|descri|size|agent|posit|rank|status|start|_end|date|time/i;
const MOST_TYPES = 20;
const PAUSE_MS = 1_800_000;
/** Fewer of the ids of visits have a longer pause. */
const RETURNS = 0.1;
const [EARLIEST, LATEST] = [Date.UTC(1995), Date.UTC(2100)];

/**
 * Takes the names of a known log, otherwise hints in names and content.
 * @throws UsageError that says what is unclear, and which option decides.
 */
export function guessColumns(
  { columns, rows }: LogSample,
  given: Roles,
  unit?: string,
): { readonly roles: FoundRoles; readonly note: string | undefined } {
  const [, shape = {}, note] = shapes.find(([, known]) => rolesIn(known, columns, given)) ?? [];
  const roles = rolesIn(shape, columns, given) ?? ({ ...given } as FoundRoles);
  const values = (name: string) => rows.flatMap((row) => row[name] ?? []);
  const distinct = (name: string) => new Set(values(name)).size;
  const isTime = (name: string) => {
    const ms = values(name).map((text) => timeOf(text, unit));
    return ms.filter((at) => at > EARLIEST && at < LATEST).length > 0.9 * ms.length;
  };
  const isId = (name: string) => !DETAIL.test(name) && distinct(name) > 1;
  const repeats = (name: string) => isId(name) && !isTime(name) && distinct(name) < values(name).length;
  const free = () => columns.filter((name) => !Object.values(roles).includes(name));
  const named = (role: Role, fits: (name: string) => boolean) => {
    const [hint, better] = hints[role];
    const matches = free().filter((name) => hint.test(name) && fits(name));
    const best = matches.filter((name) => better.test(name));
    return best.length > 0 ? best : matches;
  };
  /** The only one of the first list that has any. */
  const only = (role: string, ...lists: (readonly string[])[]) => {
    const candidates = lists.find((list) => list.length > 0) ?? [];
    if (candidates.length === 1) return candidates[0] as string;
    const unread = role === 'time' && !candidates[0] && free().find((name) => hints.time[0].test(name));
    const why = unread && `; ${show(unread)} has ${show(values(unread)[0])}, neither ISO 8601 nor a number`;
    const [state, among] = candidates.length > 0 ? ['unclear', candidates] : ['not', columns];
    throw new UsageError(
      `The column of ${role} is ${state} among ${showNames(among, show)}${why || ''}. Name it: --columns ${role.split(' ')[0]}=NAME`,
    );
  };
  const comesBack = (id: string) =>
    shareOfReturns(rows.map((row) => [row[id] ?? '', timeOf(row[roles.time], unit)])) > RETURNS;

  roles.time ??= only('time', named('time', isTime), free().filter(isTime));
  const types = named('type', (name) => distinct(name) <= MOST_TYPES);
  if (types.length > 0) roles.type ??= only('type', types);
  const isVisitor = (name: string) => hints.session[0].test(name) || hints.user[0].test(name);
  const others = free().filter((name) => repeats(name) && !isVisitor(name));
  roles.item ??= only('item', named('item', isId), others);
  const users = named('user', isId);
  if (!roles.session && !roles.user) {
    const sessions = named('session', isId);
    const isVisit = sessions.some((name) => !comesBack(name)) || users.length === 0;
    roles.session = only('session or user', isVisit ? sessions : users, free().filter(repeats));
  } else if (roles.session !== 'SessionId' || given.session) return { roles, note };
  // A column of sessions may have visitors: a shop may give their ids to serve.
  const { session = '', ...rest } = roles;
  const isUser = users.includes(session) || comesBack(session);
  return { roles: isUser ? { user: session, ...rest } : roles, note };
}

function rolesIn(shape: Roles, columns: readonly string[], named: Roles): FoundRoles | undefined {
  const roles: Roles = { ...named };
  for (const [role, names] of Object.entries(shape) as [Role, string][]) {
    const isOther = (role === 'session' && named.user) || (role === 'user' && named.session);
    const name = names.split('|').find((one) => columns.includes(one));
    if (name && !isOther) roles[role] ??= name;
  }
  const isWhole = (some: Roles) => some.item && some.time && (some.session ?? some.user);
  return isWhole(roles) && !isWhole(named) ? (roles as FoundRoles) : undefined;
}

/** A time that is no number, as `prepare` reads it. */
export const ISO_TIME: RegExp =
  /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?))?)?$/i;

/** Milliseconds since 1970, about; NaN if it is no time of `prepare`. */
function timeOf(text = '', unit?: string): number {
  if (ISO_TIME.test(text)) return Date.parse(text.replace('T', ' '));
  const number = Number(text || 'none');
  const detected = unit ?? (number < 1e11 ? 's' : number < 1e14 ? 'ms' : 'us');
  return number * (detected === 's' ? 1000 : detected === 'us' ? 0.001 : 1);
}

function shareOfReturns(times: readonly (readonly [id: string, ms: number])[]): number {
  const byId = new Map<string, number[]>();
  for (const [id, ms] of times) {
    const known = byId.get(id);
    if (known) known.push(ms);
    else byId.set(id, [ms]);
  }
  const several = [...byId.values()].filter(({ length }) => length > 1);
  const isReturn = (ms: number, at: number, all: number[]) => ms - (all[at - 1] ?? ms) > PAUSE_MS;
  return several.filter((all) => all.sort((a, b) => a - b).some(isReturn)).length / several.length;
}

type ItemKey = Exclude<keyof ItemColumnNames, 'id'>;
type Fits = (values: readonly string[]) => boolean;

const itemHints: Readonly<Record<ItemKey, readonly [words: string, fits: Fits]>> = {
  available: [
    '(in_?)?stock|available|availability|verf(ü|ue)gbar|lieferbar|(lager)?bestand|disponible',
    (values) => values.every((value) => availabilityOf(value) !== undefined),
  ],
  price: [
    'price|preis|prix',
    (values) => values.every((value) => /^\D{0,4}\d[\d\s.,']*\D{0,4}$/.test(value)),
  ],
  group: [
    'group|category|categories|cat[eé]gorie|kategorie|(waren)?gruppe',
    (values) => new Set(values).size < values.length,
  ],
  title: [
    'title|name|titel|titre|nom|bezeichnung|libell[eé]',
    (values) => 2 * new Set(values).size > values.length && values.some((value) => /\p{L}/u.test(value)),
  ],
};
const OPPOSITE = /not|nicht|non|no_|unav|indis|out/i;

/** By key; a column that is only a word comes first. @param taken - columns that have a key. */
export function guessItemColumns({ columns, rows }: LogSample, taken: readonly string[]): ItemColumnNames {
  const free = columns.filter((name) => !taken.includes(name) && !OPPOSITE.test(name));
  const guesses = Object.entries(itemHints).flatMap(([key, [words, fits]]) => {
    const [isLike, isWord] = [new RegExp(words, 'i'), new RegExp(`^(${words})$`, 'i')];
    const like = free.filter((name) => isLike.test(name) && fits(rows.flatMap((row) => row[name] ?? [])));
    const name = free.includes(key) ? key : (like.find((one) => isWord.test(one)) ?? like[0]);
    return name === undefined ? [] : [[key, name]];
  });
  return Object.fromEntries(guesses);
}
