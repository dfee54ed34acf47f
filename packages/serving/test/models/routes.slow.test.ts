import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createServer, MemoryStore } from '../../src/index.ts';
import { askAt, saveTinyModel, startServer, startThread, testFolder } from '../tiny-server.ts';

describe('POST /v1/models/{name}/load', () => {
  it('knows only the models of the start', async () => {
    const { ask } = await startServer();
    const { status, body } = await ask('/v1/models/other/load', undefined, { method: 'POST' });
    expect(status).toBe(404);
    expect(body.detail).toBe('"name" expected one of shop, got "other"');
  });
});

describe('several models', () => {
  it('are refused without distinct names', async () => {
    const models = [
      { name: 'a', directory: 'x' },
      { name: 'a', directory: 'y' },
    ];
    const sessions = new MemoryStore();
    await expect(createServer({ models, sessions, startThread })).rejects.toThrow(
      new RangeError('createServer: "models" expected one or more models of distinct names, got a, a'),
    );
  });
});

describe('a model whose thread ends', () => {
  it('is loaded again', async () => {
    const threads: ReturnType<typeof startThread>[] = [];
    const { ask } = await startServer({
      startThread(data) {
        const thread = startThread(data);
        threads.push(thread);
        return thread;
      },
    });
    await threads[0]?.terminate();
    await expect.poll(async () => (await ask('/health/ready')).status, { timeout: 15_000 }).toBe(200);
    expect((await ask('/v1/recommend', { items: ['1021'], n: 3 })).body.items).toHaveLength(3);
    expect(threads).toHaveLength(2);
  });
});

describe('readiness', () => {
  it('comes after all models are loaded and warmed up; the server lives before', async () => {
    const directory = join(testFolder(), 'model');
    await saveTinyModel(directory);
    const models = [{ name: 'shop', directory }];
    const server = await createServer({ models, sessions: new MemoryStore(), startThread });
    try {
      const ask = askAt(await server.listen({ port: 0 }));
      expect((await ask('/health/live')).body).toEqual({ status: 'live' });
      expect(await ask('/health/ready')).toMatchObject({
        status: 503,
        body: { detail: 'Not all models are loaded' },
      });
      const loading = server.load();
      const early = await ask('/v1/sessions/ann/events', { item: '1021' });
      expect(early).toMatchObject({ status: 503, body: { detail: 'The model "shop" is still loading' } });
      expect(early.headers.get('retry-after')).toBe('1');
      await loading;
      expect((await ask('/health/ready')).body).toEqual({ status: 'ready' });
      expect((await ask('/v1/sessions/ann/recommendations')).body.fallback).toBe(true);
    } finally {
      await server.stop({ probeMs: 0 });
    }
  });

  it('does not come if a model cannot be loaded', async () => {
    const models = [{ name: 'shop', directory: join(testFolder(), 'nothing') }];
    const server = await createServer({ models, sessions: new MemoryStore(), startThread });
    try {
      const ask = askAt(await server.listen({ port: 0 }));
      await expect(server.load()).rejects.toThrow('model.json');
      expect((await ask('/health/ready')).status).toBe(503);
      expect((await ask('/v1/models')).body.models[0]).toMatchObject({ status: 'failed', version: null });
      const reply = await ask('/v1/recommend', { items: [] });
      expect(reply).toMatchObject({ status: 503, body: { detail: 'The model "shop" is not loaded' } });
    } finally {
      await server.stop({ probeMs: 0 });
    }
  });
});
