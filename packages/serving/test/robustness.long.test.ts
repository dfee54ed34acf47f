import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Running, startServer } from './tiny-server.ts';

let running: Running;
beforeEach(async () => {
  running = await startServer();
});

/** A raw connection, and all that it received. */
async function open(): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (more) => {
    text += more;
  });
  socket.on('error', () => {}); // The server may close it.
  await once(socket, 'connect');
  return { socket, received: () => text };
}

const post = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
const events = (sessionId: string) => `/v1/sessions/${sessionId}/events`;

describe('an overloaded server', () => {
  it('refuses requests, and needs no open file to notice', async () => {
    vi.spyOn(process, 'memoryUsage').mockImplementation(() => {
      throw new Error('EMFILE: too many open files, uv_resident_set_memory');
    });
    onTestFinished(() => void vi.restoreAllMocks());
    for (let turn = 0; turn < 3; turn++) {
      const end = performance.now() + 1300;
      while (performance.now() < end);
      await setImmediate();
    }
    const { status, headers } = await fetch(`${running.url}/v1/models`);
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect((await running.ask('/health/live')).status).toBe(200);
    expect((await running.ask('/v1/models')).status).toBe(200);
  });
});

/** Expects an answer long before the server would give up the other clients (30 s). */
async function expectPromptAnswer(): Promise<void> {
  const start = performance.now();
  expect((await running.ask(events('other'), { item: '1021', n: 5 })).body.items).toHaveLength(5);
  expect(performance.now() - start).toBeLessThan(10_000);
}

describe('a server with clients that', () => {
  it('send a byte at a time answers them, and others at once', async () => {
    const body = JSON.stringify({ item: '1021', n: 1 });
    const request = post(events('slow'), body.length) + body;
    const clients = await Promise.all(Array.from({ length: 50 }, open));
    for (let at = 0; at < request.length; at++) {
      for (const { socket } of clients) socket.write(request.slice(at, at + 1));
      await setTimeout(2);
      if (at % 50 === 0) await expectPromptAnswer();
    }
    for (const { socket, received } of clients) {
      await expect.poll(received).toMatch(/^HTTP\/1\.1 200 /);
      socket.destroy();
    }
  });

  it('never end their request lose their connection, which others get', async () => {
    const { server } = running.server.app;
    Object.assign(server, { headersTimeout: 1000, requestTimeout: 1000, maxConnections: 50 });
    const clients = await Promise.all(Array.from({ length: 50 }, open));
    for (const { socket } of clients) socket.allowHalfOpen = true;
    for (const { socket } of clients) socket.write(post(events('endless'), 100));
    const connections = promisify(server.getConnections.bind(server));
    await expect.poll(connections, { timeout: 10_000 }).toBe(50);
    // Node looks for late requests every 30 s.
    await expect.poll(connections, { timeout: 60_000 }).toBe(0);
    for (const { socket, received } of clients) {
      expect(received()).toMatch(/^HTTP\/1\.1 408 /);
      socket.destroy();
    }
    await expectPromptAnswer();
  });

  it('have more requests in flight than it takes closes their connections and goes on', async () => {
    const body = JSON.stringify({ item: '1021', n: 20 });
    const requests = (post(events('deaf'), body.length) + body).repeat(2000);
    const clients = await Promise.all(Array.from({ length: 40 }, open));
    const closed = clients.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
    for (const { socket } of clients) socket.pause().write(requests);
    expect((await running.ask('/health/live')).status).toBe(200);
    for (const { socket } of clients) socket.resume();
    await Promise.all(closed);
    const { body: metrics } = await running.ask('/metrics');
    const computed = /^gru4rec_batch_size_sum\{model="shop"\} (\d+)$/m.exec(metrics)?.[1];
    expect(Number(computed)).toBeLessThanOrEqual(40 * 32);
  });

  it('have as many requests in flight as it takes answers them all, also later ones', async () => {
    const { socket, received } = await open();
    const requests = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(32);
    for (let answers = 32; answers <= 96; answers += 32) {
      socket.write(requests);
      await expect.poll(() => received().match(/"live"/g)).toHaveLength(answers);
    }
    socket.destroy();
  });

  it.each(['a path', 'a header'])('send an id of 10 MB in %s refuses it', async (place) => {
    const { socket, received } = await open();
    const id = 'x'.repeat(10_000_000);
    const [path, header] =
      place === 'a path' ? [`/v1/sessions/${id}/recommendations`, ''] : ['/health/live', id];
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nx-id: ${header}\r\n\r\n`);
    await expect.poll(received, { timeout: 5000 }).toMatch(/^HTTP\/1\.1 431 /);
    socket.destroy();
    await expectPromptAnswer();
  });
});
