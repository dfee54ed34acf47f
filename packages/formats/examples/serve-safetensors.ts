// tsx --conditions=@gru4rec/source serve-safetensors.ts shop.safetensors 8080
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { readSafetensors } from '@gru4rec/formats';
import { Gru4Rec } from '@gru4rec/model';

const [file = 'shop.safetensors', port = '8080'] = process.argv.slice(2);
const mostBytes = 10_000; // of a request
const top = 20;

const engine = createWasmEngine({ threads: 1 }); // each request is short, and there are many
const model = new Gru4Rec({ ...(await readSafetensors(file)), engine });
const sessions = model.sessions({ capacity: 100_000, maxAgeMs: 30 * 60_000 });

function answer(request: unknown): { status: number; body: object } {
  const { visitor, item } = (request ?? {}) as { visitor?: unknown; item?: unknown };
  if (typeof visitor !== 'string' || typeof item !== 'string') {
    return { status: 400, body: { error: 'expected {"visitor": "…", "item": "…"}' } };
  }
  const [result] = sessions.click([{ session: visitor, item }]);
  if (!result?.known) return { status: 200, body: { known: false, items: [] } }; // the click does nothing
  const items = sessions.recommend(visitor, top).map(({ id }) => id);
  return { status: 200, body: { known: true, items } };
}

const server = createServer(async (request, response) => {
  const isRead = Number(request.headers['content-length'] ?? Number.NaN) <= mostBytes;
  const wrong = { status: 400, body: { error: 'expected POST /clicks with a short JSON body' } };
  const isClick = request.method === 'POST' && request.url === '/clicks' && isRead;
  const { status, body } = isClick ? await json(request).then(answer, () => wrong) : wrong;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
