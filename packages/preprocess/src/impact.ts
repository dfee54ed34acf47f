import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { DuckDb, fileName } from './backends/duckdb/duckdb.ts';

const DAY_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl(\.gz)?$/;
const MEMORY = '500MB';
/** A visitor with more clicks before the first list is a robot. */
export const ROBOT_CLICKS = 100;
/** The quantile at which the revenue of visitors is capped. */
export const CAPPED_AT = 0.999;

/** What became of the lists of a place on a day (UTC). */
export interface PlaceDay {
  readonly place: string;
  readonly arm: string;
  readonly day: string;
  /** Lists that were answered, and those of which something was seen. */
  readonly lists: number;
  readonly shown: number;
  /** Clicks in the lists, and those of them with the type `cart`. */
  readonly clicks: number;
  readonly carts: number;
  /** What was ordered within the time after it was clicked in a list. */
  readonly orders: number;
  readonly revenue: number;
  /** What was ordered within the time after a list with it was seen. */
  readonly seenRevenue: number;
}

/** Sums over the visitors whose first list of a place was on a day, and whose time has passed. */
export interface VisitorDay {
  readonly place: string;
  readonly arm: string;
  readonly day: string;
  readonly robots: boolean;
  /** The arm's part of the visitors. */
  readonly share: number;
  readonly visitors: number;
  readonly lists: number;
  readonly lists2: number;
  readonly clicks: number;
  readonly clicks2: number;
  /** Σ lists · clicks */
  readonly products: number;
  readonly orders: number;
  readonly orders2: number;
  readonly revenue: number;
  readonly revenue2: number;
  /** Of the revenue that counts at most as much as `CAPPED_AT` says. */
  readonly capped: number;
  readonly capped2: number;
}

/** What `readImpact` finds. Days are ascending. */
export interface ImpactSums {
  readonly days: readonly PlaceDay[];
  readonly visitors: readonly VisitorDay[];
  /** By place: visitors who are left out because their arm changed, who wait for the end of their time, and the cap of revenue. */
  readonly places: readonly {
    readonly place: string;
    readonly moved: number;
    readonly waiting: number;
    readonly cap: number;
    readonly usesShown: boolean;
  }[];
}

/**
 * Reads what visitors were shown, clicked and ordered, from the folders of event logs, of the latest experiment. Lines may be twice,
 * late or in any order.
 * @param folders - as `serve --event-log` wrote them, or folders of such folders.
 * @throws DataError if there is no answer with a place, or a folder cannot be read.
 */
export async function readImpact(folders: readonly string[], withinMs: number): Promise<ImpactSums> {
  const logs = (await Promise.all(folders.map(logsIn))).flat();
  const events = logs.flatMap((log) => log.events);
  const answers = logs.flatMap((log) => log.answers);
  if (answers.length === 0) {
    const found = `${events.length} day files without answers`;
    throw new DataError(
      `impact: "events" expected an event log with answers, got ${found}, at ${folders.join(', ')}. Send "place" with the requests of lists`,
    );
  }
  const directory = await mkdtemp(join(tmpdir(), 'gru4rec-impact-'));
  const db = await DuckDb.open({ directory, folders, memoryLimit: MEMORY });
  try {
    for (const statement of statements(events, answers, withinMs)) await db.run(statement);
    const [days, visitors, places] = [await db.rows(DAYS), await db.rows(VISITORS), await db.rows(PLACES)];
    return { days: plain(days), visitors: plain(visitors), places: plain(places) };
  } finally {
    db.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function logsIn(folder: string): Promise<{ events: string[]; answers: string[] }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    const message = `impact: "events" expected the folder of an event log, got one that cannot be read, at ${folder}`;
    throw new DataError(message, { cause });
  });
  const files = (names: readonly string[], of: string) =>
    names.filter((name) => DAY_FILE.test(name)).map((name) => join(of, name));
  const answers = join(folder, 'answers');
  const names = entries.map(({ name }) => name);
  const log = {
    events: files(names, folder),
    answers: files(await readdir(answers).catch(() => []), answers),
  };
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'answers');
  const below = await Promise.all(folders.map(({ name }) => logsIn(join(folder, name))));
  return [log, ...below.flat()];
}

function jsonSource(files: readonly string[], columns: Readonly<Record<string, string>>): string {
  const types = Object.entries(columns).map(([name, type]) => `${name}: '${type}'`);
  if (files.length === 0) {
    const none = Object.entries(columns).map(([name, type]) => `NULL::${type} AS ${name}`);
    return `(SELECT ${none.join(', ')} WHERE false)`;
  }
  return `read_json([${files.map(fileName).join(', ')}], format = 'newline_delimited', ignore_errors = true, maximum_object_size = 16777216, columns = {${types.join(', ')}})`;
}

/** SQL: lines that are there twice count once. An aggregate of lists could not leave the memory. */
const firstOf = (key: string) => `QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY Time) = 1`;

function statements(events: readonly string[], answers: readonly string[], withinMs: number): string[] {
  const within = `INTERVAL ${Math.round(withinMs / 1000)} SECOND`;
  const text = 'VARCHAR';
  const eventColumns = {
    SessionId: text,
    ItemId: text,
    Time: 'TIMESTAMPTZ',
    Type: text,
    EventId: text,
    RecommendationId: text,
    OrderId: text,
    Value: 'DOUBLE',
  };
  const { ItemId, Type, EventId, ...common } = eventColumns;
  const answerColumns = {
    ...common,
    Kind: text,
    Place: text,
    EventId,
    Arm: text,
    Share: 'DOUBLE',
    Experiment: text,
    Items: 'VARCHAR[]',
  };
  return [
    `CREATE TABLE lines AS FROM ${jsonSource(answers, answerColumns)} WHERE SessionId IS NOT NULL AND Kind IS NOT NULL`,
    `CREATE TABLE clicks AS SELECT SessionId, ItemId, Time, Type, RecommendationId, OrderId, Value
     FROM ${jsonSource(events, eventColumns)} WHERE SessionId IS NOT NULL AND ItemId IS NOT NULL AND Time IS NOT NULL
     ${firstOf('SessionId, ItemId, coalesce(EventId, CAST(Time AS VARCHAR))')}`,
    `CREATE TABLE lists AS SELECT RecommendationId, SessionId, Place, Arm, Share, coalesce(Experiment, '') AS Experiment, Time, Items
     FROM lines WHERE Kind = 'answer' ${firstOf('RecommendationId')}`,
    'DELETE FROM lists WHERE Experiment <> (SELECT arg_max(Experiment, Time) FROM lists)',
    `CREATE TABLE shown AS SELECT RecommendationId, Time, Items
     FROM lines SEMI JOIN lists USING (RecommendationId) WHERE Kind = 'shown' ${firstOf('RecommendationId')}`,
    `CREATE TABLE exposures AS SELECT Place, SessionId, min(Time) AS Time, min(Arm) AS Arm, arg_min(Share, Time) AS Share,
       count(DISTINCT Arm) > 1 AS moved FROM lists GROUP BY Place, SessionId`,
    // What came back leaves its order, whenever it did.
    `CREATE TABLE orders AS SELECT SessionId, coalesce(OrderId, CAST(Time AS VARCHAR)) AS OrderId, ItemId, min(Time) FILTER (Value >= 0) AS Time, sum(Value) AS Value
     FROM (SELECT SessionId, OrderId, ItemId, Time, Value FROM clicks WHERE Value IS NOT NULL
       UNION ALL (SELECT SessionId, OrderId, Items[1], Time, Value FROM lines WHERE Kind = 'return'
         ${firstOf('SessionId, OrderId, Items[1], coalesce(EventId, CAST(Time AS VARCHAR))')}))
     GROUP BY SessionId, coalesce(OrderId, CAST(Time AS VARCHAR)), ItemId HAVING min(Time) FILTER (Value >= 0) IS NOT NULL`,
    'DROP TABLE lines',
    `CREATE TABLE list_clicks AS SELECT Place, Arm, clicks.SessionId, ItemId, clicks.Time, Type
     FROM clicks JOIN lists ON clicks.RecommendationId = lists.RecommendationId AND list_contains(Items, ItemId)`,
    `CREATE TABLE outcomes AS
     WITH bought AS (
       SELECT Place, e.SessionId, sum(o.Value) AS revenue, count(DISTINCT o.OrderId) FILTER (o.Value > 0) AS orders
       FROM exposures e JOIN orders o ON e.SessionId = o.SessionId AND o.Time >= e.Time AND o.Time < e.Time + ${within}
       GROUP BY ALL),
     clicked AS (
       SELECT e.Place, e.SessionId, count(*) AS clicks FROM exposures e JOIN list_clicks c
         ON e.Place = c.Place AND e.SessionId = c.SessionId AND c.Time < e.Time + ${within} GROUP BY ALL),
     listed AS (
       SELECT e.Place, e.SessionId, count(*) AS lists FROM exposures e JOIN lists l
         ON e.Place = l.Place AND e.SessionId = l.SessionId AND l.Time < e.Time + ${within} GROUP BY ALL),
     before AS (
       SELECT e.Place, e.SessionId, count(*) > ${ROBOT_CLICKS} AS robot FROM exposures e JOIN clicks c
         ON e.SessionId = c.SessionId AND c.Time < e.Time GROUP BY ALL)
     SELECT e.*, coalesce(revenue, 0) AS revenue, coalesce(orders, 0) AS orders, coalesce(clicks, 0) AS clicks,
       coalesce(lists, 0) AS lists, coalesce(robot, false) AS robot,
       e.Time + ${within} > (SELECT max(Time) FROM (SELECT max(Time) AS Time FROM clicks UNION ALL SELECT max(Time) FROM lists)) AS waiting
     FROM exposures e LEFT JOIN bought USING (Place, SessionId) LEFT JOIN clicked USING (Place, SessionId)
       LEFT JOIN listed USING (Place, SessionId) LEFT JOIN before USING (Place, SessionId)`,
    `CREATE TABLE places AS SELECT Place, count(*) FILTER (moved) AS moved, count(*) FILTER (waiting AND NOT moved) AS waiting,
       coalesce(quantile_cont(revenue, ${CAPPED_AT}) FILTER (NOT moved AND NOT waiting), 0) AS cap,
       EXISTS (FROM lists JOIN shown USING (RecommendationId) WHERE lists.Place = outcomes.Place) AS usesShown
     FROM outcomes GROUP BY Place`,
    // The last click on the item, and the last list with it, before the order.
    `CREATE TABLE attributed AS SELECT c.Place, c.Arm, o.Time, o.Value, o.OrderId, o.SessionId FROM orders o ASOF JOIN list_clicks c
       ON o.SessionId = c.SessionId AND o.ItemId = c.ItemId AND o.Time >= c.Time WHERE o.Time <= c.Time + ${within}`,
    `CREATE TABLE seen AS
     WITH views AS (
       SELECT lists.Place, Arm, SessionId, unnest(shown.Items) AS ItemId, shown.Time FROM shown JOIN lists USING (RecommendationId)
       UNION ALL SELECT Place, Arm, SessionId, unnest(Items), Time FROM lists JOIN places USING (Place) WHERE NOT usesShown)
     SELECT v.Place, v.Arm, o.Time, o.Value FROM orders o ASOF JOIN (FROM views SEMI JOIN orders USING (SessionId, ItemId)) v
       ON o.SessionId = v.SessionId AND o.ItemId = v.ItemId AND o.Time >= v.Time WHERE o.Time <= v.Time + ${within}`,
  ];
}

const day = (time: string) => `strftime(${time}, '%Y-%m-%d')`;

const DAYS = `
  SELECT Place AS place, Arm AS arm, day, sum(lists) AS lists, sum(shown) AS shown, sum(clicks) AS clicks, sum(carts) AS carts,
    sum(orders) AS orders, sum(revenue) AS revenue, sum(seen) AS seenRevenue
  FROM (
    SELECT Place, Arm, ${day('lists.Time')} AS day, count(*) AS lists, count(shown.RecommendationId) AS shown,
      0 AS clicks, 0 AS carts, 0 AS orders, 0.0 AS revenue, 0.0 AS seen
    FROM lists LEFT JOIN shown USING (RecommendationId) GROUP BY ALL
    UNION ALL SELECT Place, Arm, ${day('Time')}, 0, 0, count(*), count(*) FILTER (Type = 'cart'), 0, 0, 0 FROM list_clicks GROUP BY ALL
    UNION ALL SELECT Place, Arm, ${day('Time')}, 0, 0, 0, 0, count(DISTINCT (SessionId, OrderId)) FILTER (Value > 0), sum(Value), 0 FROM attributed GROUP BY ALL
    UNION ALL SELECT Place, Arm, ${day('Time')}, 0, 0, 0, 0, 0, 0, sum(Value) FROM seen GROUP BY ALL)
  GROUP BY Place, Arm, day ORDER BY Place, day, Arm`;

const both = (name: string) => `sum(${name}) AS ${name}, sum(${name} * ${name}) AS ${name}2`;
const VISITORS = `
  SELECT Place AS place, Arm AS arm, ${day('Time')} AS day, robot AS robots, avg(Share) AS share, count(*) AS visitors, ${both('lists')},
    ${both('clicks')}, sum(lists * clicks) AS products, ${both('orders')}, ${both('revenue')}, ${both('capped')}
  FROM (SELECT *, least(revenue, cap) AS capped FROM outcomes JOIN (SELECT Place, cap FROM places) USING (Place) WHERE NOT moved AND NOT waiting)
  GROUP BY ALL ORDER BY Place, day, Arm, robots`;
const PLACES = 'SELECT Place AS place, moved, waiting, cap, usesShown FROM places ORDER BY Place';

/** Numbers of DuckDB are of several types. */
function plain<Row>(rows: readonly Readonly<Record<string, unknown>>[]): Row[] {
  return rows.map((row) => {
    const values = Object.entries(row).map(([name, value]) => {
      return [name, typeof value === 'string' || typeof value === 'boolean' ? value : Number(value)];
    });
    return Object.fromEntries(values) as Row;
  });
}
