import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, startServer } from '../tiny-server.ts';

const FILES = ['/', '/page/page.css', '/page/page.js'];

let running: Running;
beforeAll(async () => {
  running = await startServer({ tokens: ['secret'] }, afterAll);
});

describe('the page at /', () => {
  it('is a few kB of own files, which need no token and run no other script', async () => {
    const replies = await Promise.all(FILES.map((path) => running.ask(path)));
    for (const { status, headers } of replies) {
      expect(status).toBe(200);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';/);
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(replies.map(({ headers }) => headers.get('content-type'))).toEqual(
      ['html', 'css', 'javascript'].map((type) => `text/${type}; charset=utf-8`),
    );
    const texts = replies.map(({ body }) => String(body));
    expect(texts.join('').length).toBeLessThan(12_000);
    // The page's own files and the documentation are all that is named.
    const named = texts.join('').match(/\bhttps?:[^\s'"`$]+|\bhref="[^"]*"|\bsrc="[^"]*"/g) ?? [];
    expect(named.filter((one) => !/w3\.org|data:|page\/page|"docs"/.test(one))).toEqual([]);
    expect(texts[0]).not.toMatch(/<script[^>]*>[^<]|<style|\sstyle=|\son\w+=/);
  });

  it('reads versions, new items and their counts', async () => {
    const ask = (path: string, body?: unknown) =>
      running.ask(path, body, { headers: { authorization: 'Bearer secret' } });
    for (const item of ['1021', 'new-shoe', 'new-shoe', '1035']) {
      await ask('/v1/sessions/ann/events', { item });
    }
    await ask('/v1/sessions/ann/events', { item: '1021', pinned: [{ position: 1, item: 'new-shoe' }] });
    const { body } = await ask('/v1/status');
    expect(body).toMatchObject({
      models: [{ name: 'shop', version: running.model.checksum, error: null, learning: null }],
      newItems: [{ id: 'new-shoe', clicked: 2, listed: 1, known: false }],
    });
    expect((await ask('/v1/models')).body).toEqual({ models: body.models });
  });
});
