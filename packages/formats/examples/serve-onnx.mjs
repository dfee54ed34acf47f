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

// A model with a repeat bias also takes the last items of the session. Every other input except the item is a state, which
// is zeros at the start of a session.
let historyLength = 0;
/** @type {Record<string, Tensor>} */
const start = {};
for (const input of model.inputMetadata) {
  if (!input.isTensor || input.name === 'item') continue;
  const length = Number(input.shape[1]);
  if (input.name === 'history') historyLength = length;
  else start[input.name] = new Tensor('float32', new Float32Array(length), [1, length]);
}

/**
 * States by visitor, the least recently seen first. A state is a promise, so the clicks of one visitor wait for each other,
 * and those of several run at the same time.
 * @type {Map<string, { states: Promise<Record<string, Tensor>>, history: number[], seenMs: number }>}
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
  const before = seen?.states ?? Promise.resolve(start);
  const history = [item, ...(seen?.history ?? []).filter((other) => other !== item)].slice(0, historyLength);
  const results = before.then((states) => model.run({ ...inputsOf(item, history), ...states }));
  const states = results.then(
    (values) => Object.fromEntries(Object.keys(start).map((name) => [name, values[`${name}_next`]])),
    () => before,
  );
  visitors.delete(visitor);
  visitors.set(visitor, { states, history, seenMs: nowMs });
  const [oldest] = visitors.keys();
  if (visitors.size > capacity && oldest !== undefined) visitors.delete(oldest);
  return results;
}

/**
 * @param {number} item
 * @param {number[]} history the last different items of the session, this one first
 * @returns {Record<string, Tensor>}
 */
function inputsOf(item, history) {
  const inputs = { item: new Tensor('int64', BigInt64Array.of(BigInt(item)), [1]) };
  if (historyLength === 0) return inputs;
  const padded = BigInt64Array.from({ length: historyLength }, (_, at) => BigInt(history[at] ?? -1));
  return { ...inputs, history: new Tensor('int64', padded, [1, historyLength]) };
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
