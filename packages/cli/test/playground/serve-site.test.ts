import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveSite } from '../../src/playground/serve-site.ts';
import { makeFolder } from '../run-trainer.ts';

async function serve(port = 0) {
  const folder = makeFolder();
  writeFileSync(join(folder, 'index.html'), '<p>Page</p>');
  writeFileSync(join(folder, 'kernels.wasm'), 'wasm');
  const site = await serveSite(folder, port);
  onTestFinished(() => site.close());
  return site;
}

/** As `fetch`, which does not set every header. */
async function ask(
  url: string,
  options: RequestOptions,
): Promise<{ status: number | undefined; body: string }> {
  const [response] = (await once(request(url, options).end(), 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

describe('serveSite', () => {
  it('serves files with their types, isolated and for itself only', async () => {
    const { url } = await serve();
    const page = await fetch(url);
    expect(await page.text()).toBe('<p>Page</p>');
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-type': 'text/html;charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'content-security-policy': expect.stringMatching(/^default-src 'none';.* connect-src 'self';/),
      'x-content-type-options': 'nosniff',
    });
    expect((await fetch(`${url}kernels.wasm`)).headers.get('content-type')).toBe('application/wasm');
  });

  it('serves nothing outside the folder, and ends', async () => {
    const site = await serve();
    for (const path of ['none', '..%2f..%2fetc/passwd', '%2e%2e/package.json']) {
      expect((await fetch(`${site.url}${path}`)).status, path).toBe(404);
    }
    await site.close();
    await expect(fetch(site.url)).rejects.toThrow();
  });

  it('asks caches to check each file, because the next site may have the same address', async () => {
    const { url } = await serve();
    const page = await fetch(url);
    expect(page.headers.get('cache-control')).toContain('max-age=0');
    const again = await fetch(url, { headers: { 'If-None-Match': page.headers.get('etag') as string } });
    expect(again.status).toBe(304);
  });

  it('sends the whole file for a range', async () => {
    const { url } = await serve();
    const whole = { status: 200, body: '<p>Page</p>' };
    for (const Range of ['bytes=5-2', 'bytes=0-1'])
      expect(await ask(url, { headers: { Range } })).toEqual(whole);
  });

  it('answers HEAD without a body, and refuses what would change something', async () => {
    const { url } = await serve();
    expect(await ask(url, { method: 'HEAD' })).toEqual({ status: 200, body: '' });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect(await ask(url, { method })).toMatchObject({ status: 405 });
    }
  });

  it('refuses other names of this machine, by which a page of another site could read it', async () => {
    const { url } = await serve();
    const { port } = new URL(url);
    for (const host of [`localhost:${port}`, '127.0.0.1', '[::1]:80', 'LOCALHOST']) {
      expect(await ask(url, { headers: { Host: host } }), host).toMatchObject({ status: 200 });
    }
    for (const host of [`shop.example:${port}`, 'localhost.example', '127.0.0.1.example:1']) {
      expect(await ask(url, { headers: { Host: host } }), host).toMatchObject({ status: 403 });
    }
  });
});
