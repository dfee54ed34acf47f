import { Agent, request as httpRequest } from 'node:http';
import { RandomStream } from '@gru4rec/random';
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

/** A request with a body that may be anything. */
interface RandomRequest {
  readonly path: string;
  readonly body: Buffer;
}

/** Random requests from a seed: values replaced, text cut, repeated or damaged, and random bytes. */
function* randomRequests(seed: number): Generator<RandomRequest> {
  const random = new RandomStream(seed, 'test.random-bodies');
  const pick = <T>(from: readonly T[]): T => from[random.nextBelow(from.length)];
  for (;;) {
    const [path, body] = pick(paths);
    yield { path, body: damaged(body, random, pick) };
  }
}

function damaged(body: string, random: RandomStream, pick: <T>(from: readonly T[]) => T): Buffer {
  const at = random.nextBelow(body.length);
  switch (random.nextBelow(6)) {
    case 0: {
      const values = [...body.matchAll(/"[^"]*"|\d+(\.\d+)?|true|false/g)];
      const { index, 0: value } = pick(values);
      return Buffer.from(body.slice(0, index) + pick(oddities) + body.slice(index + value.length));
    }
    case 1:
      return Buffer.from(body.slice(0, at));
    case 2:
      return Buffer.from(body.slice(0, at) + body.slice(random.nextBelow(body.length)));
    case 3: {
      const bytes = Buffer.from(body);
      for (let flips = 1 + random.nextBelow(3); flips > 0; flips--) {
        bytes[random.nextBelow(bytes.length)] = random.nextBelow(256);
      }
      return bytes;
    }
    case 4:
      return Buffer.from(pick(oddities));
    default:
      return Buffer.from(Array.from({ length: random.nextBelow(200) }, () => random.nextBelow(256)));
  }
}

/** Sends random requests over 16 connections. @returns how many were answered with each status, and what is wrong. */
async function sendRandomRequests(url: string, seed: number, count: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const requests = randomRequests(seed);
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  let left = count;
  const client = async () => {
    while (left-- > 0) {
      const request = requests.next().value as RandomRequest;
      const { status, type, text } = await send(agent, url, request);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (!isSound(status, type, text)) {
        wrong.push(`${request.path} ${request.body.toString('base64')}: ${status} ${type} ${text}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  agent.destroy();
  return { statuses, wrong };
}

function isSound(status: number, type: string, text: string): boolean {
  const body = JSON.parse(text);
  if (status === 200) return type.startsWith('application/json') && Array.isArray(body.items);
  const isProblem = type.startsWith('application/problem+json') && typeof body.detail === 'string';
  return status >= 400 && status < 500 && isProblem && !/node_modules|\.ts:\d|\n\s+at /.test(text);
}

function send(agent: Agent, url: string, { path, body }: RandomRequest) {
  return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const request = httpRequest(url + path, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more) => {
        text += more;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text });
      });
    });
    request.on('error', reject).end(body);
  });
}

it('answers random bodies with items or a problem, never with an error of its own', async () => {
  const { url, ask } = await startServer();
  const { FUZZ_SEED = '1', FUZZ_CASES = '1000' } = process.env;
  const { statuses, wrong } = await sendRandomRequests(url, Number(FUZZ_SEED), Number(FUZZ_CASES));
  expect(wrong).toEqual([]);
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400]));
  expect((await ask('/health/ready')).status).toBe(200);
}, 600_000);
