// node serve-onnx.mjs shop-onnx 8080
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [folder = 'shop-onnx', port = '8080'] = process.argv.slice(2);
const capacity = 100_000; // visitors
const maxAgeMs = 30 * 60_000;
const mostBytes = 10_000; // of a request

const ids = readFileSync(join(folder, 'items.json'));
const graph = readFileSync(join(folder, 'model.onnx'));
// The metadata of the graph hold the checksum of its item ids, but onnxruntime-node cannot read metadata.
if (!graph.includes(createHash('sha256').update(ids).digest('hex'))) {
  throw new Error(`${folder}: items.json does not belong to model.onnx. Export both again`);
}
/** @type {string[]} */
const itemIds = JSON.parse(ids.toString());
const indexById = new Map(itemIds.map((id, index) => [id, index]));
const model = await InferenceSession.create(graph);

// Every other input is a state, which is zeros at the start of a session, but for the items of the session and their clicks.
/** @type {Record<string, Tensor>} */
const start = {};
let places = 0;
for (const input of model.inputMetadata) {
  if (!input.isTensor || ['item', 'history_clicks'].includes(input.name)) continue;
  const length = Number(input.shape[1]);
  if (input.name === 'history') places = length;
  else if (model.outputNames.includes(`${input.name}_next`)) {
    start[input.name] = new Tensor('float32', new Float32Array(length), [1, length]);
  } else
    throw new Error(
      `${folder}: this server gives no "${input.name}". Use a model without features of clicks`,
    );
}

/** @typedef {{ states: Record<string, Tensor>, recent: [item: number, clicks: number][] }} Session */

/**
 * The last distinct items of a session, the most recent first, after one more click.
 * @param {Session['recent']} recent
 * @param {number} item
 * @returns {Session['recent']}
 */
function withClick(recent, item) {
  const [, clicks] = recent.find(([one]) => one === item) ?? [item, 0];
  /** @type {Session['recent']} */
  const now = [[item, clicks + 1], ...recent.filter(([one]) => one !== item)];
  return now.slice(0, places);
}

/** @param {Session['recent']} recent */
function historyOf(recent) {
  if (places === 0) return {};
  const history = new BigInt64Array(places).fill(-1n);
  const clicks = new Float32Array(places + 1);
  for (const [place, [item, count]] of recent.entries()) {
    history[place] = BigInt(item);
    clicks[place] = Math.log(count);
    clicks[places] += Math.log(count) / recent.length;
  }
  return {
    history: new Tensor('int64', history, [1, places]),
    history_clicks: new Tensor('float32', clicks, [1, places + 1]),
  };
}

/**
 * Sessions by visitor, the least recently seen first. A session is a promise, so the clicks of one visitor wait for each other,
 * and those of several run at the same time.
 * @type {Map<string, { session: Promise<Session>, seenMs: number }>}
 */
const visitors = new Map();

/**
 * @param {string} visitor
 * @param {number} item
 */
function click(visitor, item) {
  const nowMs = Date.now();
  const known = visitors.get(visitor);
  const seen = known && nowMs - known.seenMs < maxAgeMs ? known : undefined;
  const before = seen?.session ?? Promise.resolve({ states: start, recent: [] });
  const itemTensor = new Tensor('int64', BigInt64Array.of(BigInt(item)), [1]);
  const results = before.then(async ({ states, recent: past }) => {
    const recent = withClick(past, item);
    return { recent, values: await model.run({ ...states, ...historyOf(recent), item: itemTensor }) };
  });
  const session = results.then(
    ({ recent, values }) => {
      const states = Object.fromEntries(Object.keys(start).map((name) => [name, values[`${name}_next`]]));
      return { states, recent };
    },
    () => before,
  );
  visitors.delete(visitor);
  visitors.set(visitor, { session, seenMs: nowMs });
  const [oldest] = visitors.keys();
  if (visitors.size > capacity && oldest !== undefined) visitors.delete(oldest);
  return results.then(({ values }) => values);
}

/**
 * @param {unknown} request
 * @returns {Promise<{ status: number, body: object }>}
 */
async function answer(request) {
  const { visitor, item } = /** @type {{ visitor?: unknown, item?: unknown }} */ (request ?? {});
  if (typeof visitor !== 'string' || typeof item !== 'string') {
    return { status: 400, body: { error: 'expected {"visitor": "…", "item": "…"}' } };
  }
  const index = indexById.get(item);
  if (index === undefined) return { status: 200, body: { known: false, items: [] } }; // the click does nothing
  const { top_items: best } = await click(visitor, index);
  const items = Array.from(/** @type {BigInt64Array} */ (best.data), (i) => itemIds[Number(i)]);
  return { status: 200, body: { known: true, items } };
}

const server = createServer(async (request, response) => {
  const isRead = Number(request.headers['content-length'] ?? Number.NaN) <= mostBytes;
  const wrong = { status: 400, body: { error: 'expected POST /clicks with a short JSON body' } };
  const isClick = request.method === 'POST' && request.url === '/clicks' && isRead;
  const { status, body } = isClick
    ? await json(request)
        .then(answer, () => wrong)
        .catch((error) => ({ status: 500, body: { error: String(error) } }))
    : wrong;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`);
});
