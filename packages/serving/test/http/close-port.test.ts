import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closePort } from '../../src/http/connections.ts';

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
    const start = performance.now();
    await closePort(server, 1000);
    expect(performance.now() - start).toBeLessThan(5000);
    await visiting;
    expect((await Promise.all(outcomes)).some((answer) => answer.endsWith('answered'))).toBe(true);
  });

  it('does nothing for a port that is not open', async () => {
    await expect(closePort(createServer())).resolves.toBeUndefined();
  });
});
