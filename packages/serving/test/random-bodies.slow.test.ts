import fc from 'fast-check';
import { expect, it } from 'vitest';
import { startServer } from './tiny-server.ts';

const paths = [
  ['/v1/sessions/ann/events', `{"item":"1021","time":${Date.now()},"eventId":"e1","n":3,"excludeSeen":true}`],
  ['/v1/sessions/bob/events', '{"item":"1035","store":false,"boost":{"items":{"1021":1.5}},"maxPerGroup":2}'],
  ['/v1/recommend', '{"items":["1021","1035"],"n":5,"allow":["1021"],"deny":["1035"],"groups":{"1021":"a"}}'],
  ['/v1/recommend', '{"items":["1021"],"pinned":[{"position":1,"item":"1035"}],"fields":["title"]}'],
  ['/v1/rank', '{"items":["1021"],"candidates":["1035","1021"]}'],
] as const;

const oddities = [
  ...'null true -1 0.5 1e309 -0 1e400 "" "\\ud800" "\\u0000" [] {} [[[[]]]] {"__proto__":1}'.split(' '),
  ...'{"constructor":{"prototype":1}} "__proto__" 9007199254740993 NaN 1021 "\u{1F600}"'.split(' '),
  ...[`"${'x'.repeat(600)}"`, `[${'"1021",'.repeat(50)}"1021"]`, `${'['.repeat(500)}${']'.repeat(500)}`],
];
const oddity = fc.oneof(fc.constantFrom(...oddities), fc.json());

/** A body whose values are replaced, that is cut or repeated, or whose bytes are damaged. */
const damaged = (body: string) => {
  const values = [...body.matchAll(/"[^"]*"|\d+(\.\d+)?|true|false/g)];
  const place = fc.nat({ max: body.length - 1 });
  return fc.oneof(
    fc.tuple(fc.constantFrom(...values), oddity).map(([{ index, 0: value }, other]) => {
      return Buffer.from(body.slice(0, index) + other + body.slice(index + value.length));
    }),
    fc.tuple(place, place).map(([end, from]) => Buffer.from(body.slice(0, end) + body.slice(from))),
    fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }).map((changes) => {
      const bytes = Buffer.from(body);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    }),
    oddity.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
};
const request = fc
  .constantFrom(...paths)
  .chain(([path, body]) => fc.record({ path: fc.constant(path), body: damaged(body) }));

it('answers random bodies with items or a problem, never with an error of its own', async () => {
  const { ask } = await startServer();
  const statuses = new Set<number>();
  const { FUZZ_SEED = '1', FUZZ_CASES = '1000' } = process.env;
  await fc.assert(
    fc.asyncProperty(request, async ({ path, body }) => {
      const headers = { 'content-type': 'application/json' };
      const reply = await ask(path, undefined, { method: 'POST', body: new Uint8Array(body), headers });
      statuses.add(reply.status);
      if (reply.status === 200) {
        expect(reply.body.items).toBeInstanceOf(Array);
        return;
      }
      expect(reply.status).toBe(400);
      expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(reply.body.detail).toEqual(expect.not.stringMatching(/node_modules|\.ts:\d|\n\s+at /));
    }),
    { seed: Number(FUZZ_SEED), numRuns: Number(FUZZ_CASES) },
  );
  expect([...statuses].sort()).toEqual([200, 400]);
  expect((await ask('/health/ready')).status).toBe(200);
}, 600_000);
