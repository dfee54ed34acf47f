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
    expect(texts.join('').length).toBeLessThan(16_000);
    // The page's own files and the documentation are all that is named.
    const named = texts.join('').match(/\bhttps?:[^\s'"`$]+|\bhref="[^"]*"|\bsrc="[^"]*"/g) ?? [];
    expect(named.filter((one) => !/w3\.org|data:|page\/page|"docs"/.test(one))).toEqual([]);
    expect(texts[0]).not.toMatch(/<script[^>]*>[^<]|<style|\sstyle=|\son\w+=/);
  });
});
