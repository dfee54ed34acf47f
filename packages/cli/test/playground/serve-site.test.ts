import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveSite } from '../../src/playground/serve-site.ts';
import { makeFolder } from '../run-trainer.ts';

async function serve(port = 0) {
  const folder = makeFolder();
  writeFileSync(join(folder, 'index.html'), '<p>Page</p>');
  writeFileSync(join(folder, 'kernels.wasm'), 'wasm');
  const site = await serveSite(folder, { host: '127.0.0.1', port });
  onTestFinished(() => site.close());
  return site;
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

  it('refuses a port that is taken', async () => {
    const { url } = await serve();
    await expect(serve(Number(new URL(url).port))).rejects.toThrow('EADDRINUSE');
  });
});
