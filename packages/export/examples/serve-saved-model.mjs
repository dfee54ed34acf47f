// node serve-saved-model.mjs shop 8080
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import * as tf from '@tensorflow/tfjs-node';

const [folder = 'shop', port = '8080'] = process.argv.slice(2);
const capacity = 100_000; // visitors
const maxAgeMs = 30 * 60_000;
const mostBytes = 10_000; // of a request

/** @type {string[]} */
const itemIds = JSON.parse(readFileSync(join(folder, 'items.json'), 'utf8'));
const indexById = new Map(itemIds.map((id, index) => [id, index]));
const model = await tf.node.loadSavedModel(folder);

// A model with a repeat bias also takes the last items of the session. Every other input except the item is a state, which
// is zeros at the start of a session.
let historyLength = 0;
/** @type {Record<string, Float32Array>} */
const start = {};
const [graph] = await tf.node.getMetaGraphsFromSavedModel(folder);
for (const [name, { shape }] of Object.entries(graph.signatureDefs['serving_default'].inputs)) {
  if (name === 'history') historyLength = Number(shape[1]);
  else if (name !== 'item') start[name] = new Float32Array(Number(shape[1]));
}

/**
 * States by visitor, the least recently seen first. They are arrays, because tensors would have to be freed explicitly.
 * @type {Map<string, { states: Record<string, Float32Array>, history: number[], seenMs: number }>}
 */
const visitors = new Map();

/**
 * Runs the model. This process waits for it, so clicks are processed one after the other.
 * @param {string} visitor
 * @param {number} item
 */
function click(visitor, item) {
  const nowMs = Date.now();
  const known = visitors.get(visitor);
  const seen = known && nowMs - known.seenMs < maxAgeMs ? known : undefined;
  const before = seen?.states ?? start;
  const history = [item, ...(seen?.history ?? []).filter((other) => other !== item)].slice(0, historyLength);
  /** @type {Record<string, any>} */
  const results = {};
  // Frees every tensor created inside, even if the model fails.
  tf.tidy(() => {
    /** @type {Record<string, tf.Tensor>} */
    const inputs = { item: tf.tensor(Int32Array.of(item), [1], 'int32') };
    if (historyLength > 0) {
      const padded = Int32Array.from({ length: historyLength }, (_, at) => history[at] ?? -1);
      inputs['history'] = tf.tensor(padded, [1, historyLength], 'int32');
    }
    for (const [name, state] of Object.entries(before)) inputs[name] = tf.tensor(state, [1, state.length]);
    const outputs = model.predict(inputs);
    for (const [name, tensor] of Object.entries(outputs)) results[name] = tensor.dataSync();
  });
  const states = Object.fromEntries(Object.keys(start).map((name) => [name, results[`${name}_next`]]));
  visitors.delete(visitor);
  visitors.set(visitor, { states, history, seenMs: nowMs });
  const [oldest] = visitors.keys();
  if (visitors.size > capacity && oldest !== undefined) visitors.delete(oldest);
  return results;
}

/**
 * @param {unknown} request
 * @returns {{ status: number, body: object }}
 */
function answer(request) {
  const { visitor, item } = /** @type {{ visitor?: unknown, item?: unknown }} */ (request ?? {});
  if (typeof visitor !== 'string' || typeof item !== 'string') {
    return { status: 400, body: { error: 'expected {"visitor": "…", "item": "…"}' } };
  }
  const index = indexById.get(item);
  if (index === undefined) return { status: 200, body: { known: false, items: [] } }; // the click does nothing
  const { top_items: best } = click(visitor, index);
  const items = Array.from(/** @type {Int32Array} */ (best), (i) => itemIds[i]);
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
