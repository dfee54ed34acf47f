import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createServer, EventLog, MemoryStore } from '../../src/index.ts';
import { linesIn } from '../clicks.ts';
import { askAt, keptThreads, saveTinyModel, startServer, startThread, testFolder } from '../tiny-server.ts';

describe('POST /v1/models/{name}/load', () => {
  it('knows only the models of the start', async () => {
    const { ask } = await startServer();
    const { status, body } = await ask('/v1/models/other/load', undefined, { method: 'POST' });
    expect(status).toBe(404);
    expect(body.detail).toBe('"name" expected one of shop, got "other"');
  });
});

describe('a model whose thread ends', () => {
  it('is loaded again', async () => {
    const { threads, start } = keptThreads();
    const { ask } = await startServer({ startThread: start });
    await threads[0]?.worker.terminate();
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

describe('the balancer of docs/production.md', () => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const nginx = folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));

  it('sends clicks to the other server while one loads, or is gone, each once', async (ctx) => {
    if (!nginx) return ctx.skip('no nginx is installed');
    const folder = testFolder();
    const directory = join(folder, 'model');
    await saveTinyModel(directory);
    const start = async (name: string) => {
      const log = await EventLog.open(join(folder, name));
      const models = [{ name: 'shop', directory }];
      return createServer({ models, sessions: new MemoryStore(), startThread, observers: [log] });
    };
    const [ready, loading] = [await start('1'), await start('2')];
    const urls = [await ready.listen({ port: 0 }), await loading.listen({ port: 0 })];
    await ready.load();
    const port = await freePort();
    const page = readFileSync(new URL('../../../../docs/production.md', import.meta.url), 'utf8');
    const recipe = /```nginx\n(.*?)```/s.exec(page)?.[1] ?? '';
    const http = [
      [/127\.0\.0\.1:8081/, new URL(urls[0] ?? '').host],
      [/127\.0\.0\.1:8082/, new URL(urls[1] ?? '').host],
      [/listen 8080/, `listen 127.0.0.1:${port}`],
    ].reduce((text, [from, to]) => text.replace(from ?? '', String(to)), recipe);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (of) => `${of}_temp_path ${of};`,
    );
    const main = 'daemon off; master_process off; pid pid; error_log stderr; events {}';
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, `${main}\nhttp { access_log off; ${temporary.join(' ')}\n${http}}`);
    const balancer = spawn(nginx, ['-p', folder, '-e', 'stderr', '-c', file], { stdio: 'ignore' });
    const ended = new Promise((resolve) => balancer.once('exit', resolve));
    try {
      const ask = askAt(`http://127.0.0.1:${port}`);
      await expect
        .poll(() =>
          ask('/health/live').then(
            ({ status }) => status,
            () => 0,
          ),
        )
        .toBe(200);
      const visit = async (prefix: string) => {
        const visits = Array.from({ length: 16 }, (_, at) =>
          ask(`/v1/sessions/${prefix}${at}/events`, { item: '1021', eventId: `${prefix}${at}` }),
        );
        return new Set((await Promise.all(visits)).map(({ status }) => status));
      };
      expect(await visit('loading')).toEqual(new Set([200]));
      await loading.load();
      expect(await visit('ready')).toEqual(new Set([200]));
      await loading.stop({ probeMs: 0 });
      expect(await visit('gone')).toEqual(new Set([200]));
    } finally {
      balancer.kill();
      await ended;
      await Promise.all([ready, loading].map((server) => server.stop({ probeMs: 0 })));
    }
    const eventsOf = (name: string) => linesIn(join(folder, name)).map(({ EventId }) => EventId);
    const events = [eventsOf('1'), eventsOf('2')];
    expect(events[1]?.length).toBeGreaterThan(0);
    expect(new Set(events.flat()).size).toBe(48);
    expect(events.flat()).toHaveLength(48);
  });
});
