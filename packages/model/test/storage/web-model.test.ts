import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/gru4rec.ts';
import { ModelError } from '../../src/storage/manifest.ts';
import { modelLimits } from '../../src/storage/model-limits.ts';
import { sealWebManifest, type WebFile, type WebManifest } from '../../src/storage/web-model.ts';
import * as browser from '../../src/storage.browser.ts';
import * as node from '../../src/storage.node.ts';
import { reference, tinyConfig } from '../tiny-data.ts';

const MIB = 2 ** 20;
const requests: string[] = [];
const closed: Promise<unknown>[] = [];
let answer: (path: string, response: ServerResponse) => void;
let sentBytes = 0;
const server = createServer(({ url = '' }, response) => {
  requests.push(url);
  closed.push(once(response, 'close'));
  answer(url, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop/`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  for (const list of [requests, closed]) list.length = 0;
  sentBytes = 0;
});

/** Answers as fast as the client reads, without end. */
function endless(response: ServerResponse): void {
  const piece = Buffer.alloc(MIB, '{');
  const write = (): void => {
    sentBytes += piece.length;
    if (response.destroyed || sentBytes > 200 * MIB) response.destroy();
    else if (response.write(piece)) setImmediate(write);
    else response.once('drain', write);
  };
  write();
}

const config = tinyConfig({ layers: [4], constrainedEmbedding: true });
const parameters = modelLimits('', config, 3).variables.filter(({ kind }) => kind !== 'slot');
const sha256 = '0'.repeat(64);
const items: WebFile = { name: 'items.json', bytes: 30, sha256 };
const parts: WebFile = {
  name: 'parameters-0.bin',
  bytes: parameters.reduce((sum, { rows, cols }) => sum + 4 * rows * cols, 0),
  sha256,
};

/** Answers with a manifest that names other files, and otherwise with `others`. */
function serve(manifest: Partial<WebManifest>, others: typeof answer = (_, response) => endless(response)) {
  const tensors = parameters.map(({ name }) => ({ name, weights: 'float32' as const }));
  const whole = { config: { ...config }, itemCount: 3, tensors, files: [items, parts], ...manifest };
  answer = (path, response) => {
    if (path.endsWith('web-model.json')) response.end(sealWebManifest(whole));
    else others(path, response);
  };
}

describe.each([
  ['Node', node],
  ['browsers', browser],
])('readModel of a URL in %s', (_, { readModel, readModelItemInfo }) => {
  it.each(['//127.0.0.1:1/x', '..', '.env', 'a/b', 'a\\b', '%2e%2e/x', 'items.json?x', 'C:x', ''])(
    'refuses a manifest that names %j, and asks for nothing else',
    async (name) => {
      const message = `expected a plain file name, got ${JSON.stringify(name)}`;
      serve({ files: [items, { ...parts, name }] });
      await expect(readModel(url)).rejects.toThrow(`${url}web-model.json "files.1.name" ${message}`);
      serve({ itemInfo: { ...items, name } });
      await expect(readModelItemInfo(url)).rejects.toThrow(`"itemInfo.name" ${message}`);
      expect(requests).toEqual(['/shop/web-model.json', '/shop/web-model.json']);
    },
  );

  it('reads no more of a manifest than one can have', async () => {
    answer = (_path, response) => endless(response);
    const message = `${url}web-model.json is another file: expected at most 16 MiB, got more`;
    await expect(readModel(url)).rejects.toThrow(
      new ModelError(message.split(' ')[0] ?? '', message.slice(url.length + 15)),
    );
    await closed[0];
    expect(sentBytes).toBeLessThan(40 * MIB);
  });

  it('reads no more of a file than the manifest says, and ends all others', async () => {
    serve({});
    await expect(readModel(url)).rejects.toThrow(/is another file: expected at most \d+ bytes, got more$/);
    await Promise.all(closed);
    expect(requests).toHaveLength(3);
    expect(sentBytes).toBeLessThan(40 * MIB);
  });

  it('bounds what a manifest may announce', async () => {
    serve({ files: [{ ...items, bytes: 2 ** 30 }, parts] });
    await expect(readModel(url)).rejects.toThrow(
      'web-model.json expected at most 1.2 MiB of item ids, got 1 GiB',
    );
    serve({ files: [items, { ...parts, bytes: 2 ** 40 }] });
    await expect(readModel(url)).rejects.toThrow('"files.1.bytes" expected a number <=2147483648');
    serve({ files: [items, parts, ...Array.from({ length: 1024 }, () => ({ ...parts, bytes: 0 }))] });
    await expect(readModel(url)).rejects.toThrow('"files" expected at most 1025 files');
  });

  it.each<[string, typeof answer]>([
    ['never answers', () => undefined],
    ['stops in a file', (_path, response) => void response.write('{')],
  ])('ends after timeoutMs if the host %s', async (_what, slow) => {
    answer = slow;
    const late = `${url} cannot be fetched in 50 ms. Set "timeoutMs" higher for large models and slow hosts`;
    await expect(readModel(url, { timeoutMs: 50 })).rejects.toThrow(late);
    serve({}, slow);
    await expect(readModel(url, { timeoutMs: 50 })).rejects.toThrow(ModelError);
    await Promise.all(closed);
  });

  it('names the file that a host replaced by a page', async () => {
    answer = (_path, response) => response.end('<!doctype html>');
    const message = `${url}web-model.json is a page, not a manifest: the server sends it for files that it does not have`;
    await expect(readModel(url)).rejects.toThrow(message);
    await expect(readModelItemInfo(new URL(url))).rejects.toThrow(message);
  });

  it('ends by a signal, with its reason', async () => {
    const reason = new Error('the visitor left');
    await expect(readModel(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const stopping = new AbortController();
    answer = (_path, response) => {
      response.write('{');
      setImmediate(() => stopping.abort(reason));
    };
    const { signal } = stopping;
    await expect(readModelItemInfo(url, { signal })).rejects.toBe(reason);
    await Promise.all(closed);
  });

  it.each([0, 2 ** 31])('refuses timeoutMs %s', async (timeoutMs) => {
    const message = `readModel: "timeoutMs" expected 1 to 2147483647, got ${timeoutMs}.`;
    await expect(readModel(url, { timeoutMs })).rejects.toThrow(new RangeError(message));
  });
});

it('refuses a folder that is relative to no page', async () => {
  await expect(browser.readModel('no-page-to-be-relative-to')).rejects.toThrow(/is no URL of a folder$/);
});

it('takes timeoutMs through loadModel', async () => {
  answer = () => undefined;
  const loading = loadModel(url, { engine: reference, timeoutMs: 20 });
  await expect(loading).rejects.toThrow('cannot be fetched in 20 ms');
});
