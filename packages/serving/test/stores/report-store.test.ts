import { expect, it, vi } from 'vitest';
import { MemoryStore, ResilientStore } from '../../src/index.ts';
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

it('reports nothing of a store that cannot fail', async () => {
  const { ask } = await startServer({ sessions: new MemoryStore() });
  expect((await ask('/health/ready')).body).toEqual({ status: 'ready' });
  expect((await ask('/metrics')).body).not.toContain('gru4rec_session_store');
});
