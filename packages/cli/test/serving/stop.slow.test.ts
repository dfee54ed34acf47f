import { Agent, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { useTinyModel } from '../tiny-shop.ts';
import { ServerProcess } from './server-process.ts';

const folder = useTinyModel();
beforeEach((ctx) => {
  if (process.platform === 'win32') ctx.skip('no signals on Windows');
});

const PROBE_SECONDS = 2;
/** The turns that a busy system gives to other processes between the server's last look and the close. */
const LAST_LOOK_MS = 50;

/** A request of a client, and how it ended. */
interface Sent {
  /** When it got its connection: a new one when the client began to connect. */
  readonly startMs: number;
  /** Whether the connection had carried a request before. */
  readonly reused: boolean;
  readonly status?: number;
  readonly code?: string;
}

/** One click on a connection of the agent, which is kept unless the server asks to close it. */
function click(url: string, agent: Agent, session: string): Promise<Sent> {
  let startMs = performance.now();
  const body = JSON.stringify({ item: 'any', n: 5 });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve) => {
    const sent = request(`${url}/v1/sessions/${session}/events`, { agent, method: 'POST', headers });
    const end = (how: Pick<Sent, 'status' | 'code'>) =>
      resolve({ startMs, reused: sent.reusedSocket, ...how });
    // The agent connects only when its last connection is closed, which may take a while.
    sent.on('socket', () => {
      startMs = performance.now();
    });
    sent.on('response', (response) => {
      response.resume().on('end', () => end({ status: response.statusCode as number }));
      response.on('error', (error: NodeJS.ErrnoException) => end({ code: error.code as string }));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => end({ code: error.code as string }));
    sent.end(body);
  });
}

describe('SIGTERM to trainer serve', () => {
  it('fails no request of clients that honour connection: close, and exits with 0', async () => {
    const server = await ServerProcess.start(folder(), 'model', '--probe-seconds', String(PROBE_SECONDS));
    const sent: Sent[] = [];
    const clients = Array.from({ length: 16 }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (;;) {
        const one = await click(server.url, agent, `s${client}`);
        sent.push(one);
        if (one.code === 'ECONNREFUSED') return agent.destroy();
      }
    });
    await setTimeout(1000);
    const signalled = performance.now();
    const stopped = server.stop();
    await setTimeout(500);
    expect((await server.ask('/health/ready')).status).toBe(503);
    expect(await stopped).toBe(0);
    expect((performance.now() - signalled) / 1000).toBeLessThan(30);
    await Promise.all(clients);
    // A connection after the port has closed is refused. One that arrives between the server's last look and the close
    // is reset; the client sees the close when it is first refused. Connections are accepted in the order in which they
    // arrive, so a reset before the last accepted one is a failure.
    const answered = sent.filter(({ status }) => status === 200);
    const acceptedMs = answered.filter(({ reused }) => !reused).map(({ startMs }) => startMs);
    const refusedMs = sent.filter(({ code }) => code === 'ECONNREFUSED').map(({ startMs }) => startMs);
    const lastLookMs = Math.max(...acceptedMs, Math.min(...refusedMs) - LAST_LOOK_MS);
    const failed = sent.filter(
      ({ status, code, reused, startMs }) =>
        status !== 200 && (reused || (code !== 'ECONNREFUSED' && startMs < lastLookMs)),
    );
    expect(failed).toEqual([]);
    expect(answered.filter(({ startMs }) => startMs < signalled).length).toBeGreaterThan(100);
    expect(answered.filter(({ startMs }) => startMs > signalled + 100).length).toBeGreaterThan(100);
  });
});
