import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it, vi } from 'vitest';
import { MemoryStore, ResilientStore, UnreadableSession } from '../../src/index.ts';
import { reportStore } from '../../src/stores/report-store.ts';
import { startServer } from '../tiny-server.ts';

it('reports a store that fails in /health/ready and /metrics, and the server goes on', async () => {
  const behind = new MemoryStore();
  const sessions = new ResilientStore(behind, { retryMs: 20 });
  const { ask } = await startServer({ sessions });
  expect((await ask('/health/ready')).body).toEqual({ status: 'ready', sessions: 'available' });
  const append = vi.spyOn(behind, 'append').mockRejectedValue(new Error('the store is away'));
  const { status, body } = await ask('/v1/sessions/ann/events', { item: '1021', n: 2 });
  expect(status).toBe(200);
  expect(body.items).toHaveLength(2);
  expect((await ask('/health/ready')).body).toEqual({ status: 'ready', sessions: 'unavailable' });
  const metrics = (await ask('/metrics')).body;
  expect(metrics).toMatch(/^gru4rec_session_store_available 0$/m);
  expect(metrics).toMatch(/^gru4rec_session_store_pending_sessions 1$/m);
  append.mockRestore();
  await expect.poll(async () => (await ask('/health/ready')).body.sessions).toBe('available');
  expect((await ask('/metrics')).body).toMatch(/^gru4rec_session_store_available 1$/m);
  expect((await behind.read('ann'))?.clicks).toHaveLength(1);
});

it('logs a session that cannot be read, and counts it', async () => {
  const behind = new MemoryStore();
  vi.spyOn(behind, 'read').mockRejectedValueOnce(new UnreadableSession('the value of ann is damaged'));
  const lines: string[] = [];
  const registry = new Registry();
  const sessions = new ResilientStore(behind);
  reportStore(sessions, registry, pino({ base: null }, { write: (line: string) => void lines.push(line) }));
  for (let time = 0; time < 2; time++) expect(await sessions.read('ann')).toBeUndefined();
  expect(await registry.metrics()).toMatch(/^gru4rec_session_store_unreadable_sessions 1$/m);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 50, sessionId: 'ann', error: 'the value of ann is damaged' }),
  ]);
});

it('logs sessions that are lost when the server ends', async () => {
  const behind = new MemoryStore();
  vi.spyOn(behind, 'append').mockRejectedValue(new Error('the store is away'));
  const lines: string[] = [];
  const sessions = new ResilientStore(behind);
  reportStore(sessions, new Registry(), pino({}, { write: (line: string) => void lines.push(line) }));
  await sessions.append('ann', { item: 'a', timeMs: 1 });
  await sessions.close(0);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    'The store of the sessions fails; they are in memory',
    'The server ends, and sessions could not be written back to their store',
  ]);
  expect(lines.at(-1)).toContain('"lostSessions":1');
});

it('reports nothing of a store that cannot fail', async () => {
  const { ask } = await startServer({ sessions: new MemoryStore() });
  expect((await ask('/health/ready')).body).toEqual({ status: 'ready' });
  expect((await ask('/metrics')).body).not.toContain('gru4rec_session_store');
});
