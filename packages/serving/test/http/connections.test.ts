import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closePort, connectionLimit, connectionsBefore } from '../../src/http/connections.ts';
import { startServer } from '../tiny-server.ts';

async function listen() {
  const server = createServer((_, response) => response.setHeader('connection', 'close').end('answered'));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  /** Sends a request on its own connection. */
  const ask = (): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    return text(socket);
  };
  return { server, ask };
}

describe('closePort', () => {
  it('answers the connections that wait to be accepted, then refuses', async () => {
    const { server, ask } = await listen();
    const answers = Array.from({ length: 100 }, ask);
    const closed = closePort(server);
    expect((await Promise.all(answers)).filter((answer) => !answer.endsWith('answered'))).toEqual([]);
    await closed;
    await expect(ask()).rejects.toThrow('ECONNREFUSED');
  });

  it('closes after the limit although connections keep coming', async () => {
    const { server, ask } = await listen();
    const outcomes: Promise<string>[] = [];
    const visit = async (): Promise<void> => {
      while (server.listening) {
        outcomes.push(ask().catch(() => 'refused or reset'));
        // Every turn of the event loop finds a connection.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const visiting = visit();
    await setTimeout(50);
    await closePort(server, 300);
    await visiting;
    expect((await Promise.all(outcomes)).some((answer) => answer.endsWith('answered'))).toBe(true);
  });
});

describe('connectionLimit', () => {
  it('leaves the open files, those to load all models again, and some to spare; 10,000 by default', () => {
    const limit = (wanted: number | undefined, most: number) =>
      connectionLimit(wanted, { open: 25, before: 14, most });
    expect(limit(undefined, 64)).toBe(64 - 25 - (25 - 14) - 24);
    expect(limit(undefined, 256)).toBe(256 - 25 - (25 - 14) - 150);
    expect(limit(undefined, Number.POSITIVE_INFINITY)).toBe(10_000);
    expect([limit(10, 80), limit(50_000, 1_048_576)]).toEqual([10, 50_000]);
    expect(() => limit(17, 64)).toThrow(
      'The limit of open files (ulimit -n) expected at least 77, got 64: the server keeps 60 and is to accept 17 connections. Raise the limit, or accept fewer',
    );
  });
});

describe('connectionsBefore', () => {
  it('is half of the files that are left, and at least one', () => {
    expect(connectionsBefore(undefined, { open: 14, most: 64 })).toBe(25);
    expect(connectionsBefore(3, { open: 64, most: 64 })).toBe(1);
  });
});

describe('maxConnections', () => {
  it('closes further connections at once, and counts them', async () => {
    const { server, url, ask } = await startServer({ maxConnections: 2 });
    expect(server.app.server.maxConnections).toBe(2);
    const sockets = Array.from({ length: 5 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
    const closed = sockets.map(
      (socket) => new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve)),
    );
    await expect.poll(() => sockets.filter((socket) => socket.closed)).toHaveLength(3);
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    const refused = async () => (await ask('/metrics')).body;
    await expect.poll(refused).toMatch(/^gru4rec_refused_connections_total 3$/m);
  });
});
