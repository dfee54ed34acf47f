import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  Gru4Rec,
  loadModel,
  ModelError,
  readModel,
  readModelItemInfo,
  type StoredModel,
} from '@gru4rec/model';
import { type SiteOptions, serveFolder } from '@gru4rec/test-support/browser';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { writeWeb } from '../../src/web/write-web.ts';
import {
  drawModel,
  engines,
  expectParameters,
  expectScores,
  featured,
  parametersOf,
  subsetsOfParts,
} from '../drawn-models.ts';

const [, engine] = engines[0]!;
const model = drawModel({ layers: [20], loss: 'bpr-max' }, 50);
const itemInfo = new TextEncoder().encode('{"id":"a","title":"A"}\n');
const folder = testFolder();

async function written(name: string, options: Parameters<typeof writeWeb>[2] = {}): Promise<string> {
  const path = join(folder, name);
  await writeWeb(model, path, options);
  return path;
}

async function served<T>(path: string, options: SiteOptions, read: (url: string) => Promise<T>): Promise<T> {
  const site = await serveFolder(path, options);
  try {
    return await read(site.url);
  } finally {
    await site.close();
  }
}

describe('writeWeb', () => {
  it('writes float32 that is read back bit for bit, and the optimiser as zeros', async () => {
    const read = await readModel(await written('float32'));
    expectParameters(read, model);
    expect([...read.itemIds]).toEqual([...model.itemIds]);
    expect(read.config).toEqual(model.config);
  });

  it.each([...featured, ...subsetsOfParts])(
    'writes a model with %s, whose scores are the same in a page',
    async (name, values) => {
      const drawn = drawModel(values, 50);
      const path = join(folder, name);
      await writeWeb(drawn, path);
      const read = await served(path, {}, (url) => loadModel(url, { engine }));
      expectScores(read, drawn);
    },
  );

  it('writes float32 by default', async () => {
    const [byDefault, named] = [await written('default'), await written('named', { weights: 'float32' })];
    const manifest = (path: string) => readFileSync(join(path, 'web-model.json'));
    expect(manifest(byDefault)).toEqual(manifest(named));
  });

  it('writes int8 in less than a third of the bytes, each value within half a step of its row', async () => {
    const [float32, int8] = [await written('large'), await written('small', { weights: 'int8' })];
    const bytes = (path: string) => statSync(join(path, 'parameters-0.bin')).size;
    expect(bytes(int8)).toBeLessThan(bytes(float32) / 3);
    const read = await readModel(int8);
    for (const [at, { name, rows, cols, values }] of parametersOf(read).entries()) {
      const expected = parametersOf(model)[at]?.values ?? new Float32Array();
      for (let row = 0; row < rows; row++) {
        const own = expected.subarray(row * cols, (row + 1) * cols);
        const step = cols < 16 ? 0 : Math.max(...own.map(Math.abs)) / 127;
        for (const [col, value] of own.entries()) {
          expect(Math.abs((values[row * cols + col] ?? 0) - value), name).toBeLessThanOrEqual(step * 0.5001);
        }
      }
    }
  });

  it('keeps what is known about the items', async () => {
    const path = await written('info', { itemInfo });
    expect(await readModelItemInfo(path)).toEqual(itemInfo);
    expect(await served(path, {}, readModelItemInfo)).toEqual(itemInfo);
    expect(await readModelItemInfo(await written('no-info'))).toBeUndefined();
  });

  it('splits large parameters into parts that hosts accept', async () => {
    const { config, tensors } = drawModel({ layers: [100] }, 10);
    const grown = tensors.map((tensor) => {
      if (tensor.rows !== 10) return tensor;
      return { ...tensor, rows: 42_000, values: new Float32Array(42_000 * tensor.cols).map((_, at) => at) };
    });
    const large = { config, tensors: grown, itemIds: Array.from({ length: 42_000 }, (_, item) => `${item}`) };
    const path = join(folder, 'parts');
    await writeWeb(large, path);
    expect(statSync(join(path, 'parameters-0.bin')).size).toBe(16 * 2 ** 20);
    expect(statSync(join(path, 'parameters-1.bin')).size).toBeLessThan(16 * 2 ** 20);
    const bytesOf = (of: Pick<StoredModel, 'tensors'>) =>
      parametersOf(of).map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    expect(Buffer.compare(Buffer.concat(bytesOf(await readModel(path))), Buffer.concat(bytesOf(large)))).toBe(
      0,
    );
  });
});

describe('loadModel of a URL', () => {
  const top = (of: Gru4Rec) => {
    const session = of.startSession();
    session.click([...model.itemIds][3] ?? '');
    return session.recommend(10);
  };

  it('recommends what the exported model does', async () => {
    const path = await written('served');
    const loaded = await served(path, {}, (url) => loadModel(url, { engine }));
    expect(top(loaded)).toEqual(top(new Gru4Rec({ ...model, history: [], engine })));
    expect(top(await served(folder, {}, (url) => loadModel(new URL('served', url), { engine })))).toEqual(
      top(loaded),
    );
  });

  it('reads files that the host compresses', async () => {
    const path = await written('gzip');
    const answer: SiteOptions['answer'] = (request, response) => {
      const file = join(path, new URL(request.url ?? '', 'http://localhost').pathname);
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(readFileSync(file)));
      return true;
    };
    const read = await served(path, { answer }, readModel);
    expect(parametersOf(read)).toEqual(parametersOf(model));
  });

  it('asks for files by their checksum, so that a cache never mixes two exports', async () => {
    const path = await written('cached');
    const queries: string[] = [];
    const answer: SiteOptions['answer'] = (request) => {
      queries.push(request.url ?? '');
      return false;
    };
    await served(path, { answer }, readModel);
    expect(queries[0]).toBe('/web-model.json');
    for (const url of queries.slice(1)) expect(url).toMatch(/^\/\S+\?sha256=[0-9a-f]{16}$/);
  });

  it.each<[string, (path: string) => void, RegExp]>([
    [
      'a missing manifest',
      (p) => rmSync(join(p, 'web-model.json')),
      /web-model\.json cannot be fetched: status 404$/,
    ],
    [
      'missing parameters',
      (p) => rmSync(join(p, 'parameters-0.bin')),
      /parameters-0\.bin\S* cannot be fetched: status 404$/,
    ],
    [
      'the manifest of another format',
      (p) => writeFileSync(join(p, 'web-model.json'), '{"format":"gru4rec-model"}'),
      /web-model\.json is not a model for the web: "format" expected gru4rec-web-model/,
    ],
    [
      'truncated parameters',
      (p) => truncateSync(join(p, 'parameters-0.bin'), 100),
      /parameters-0\.bin is truncated: expected \d+ bytes, got 100\. Copy or export it again$/,
    ],
    [
      'altered parameters',
      (p) => {
        const bytes = readFileSync(join(p, 'parameters-0.bin'));
        bytes[5] = (bytes[5] ?? 0) ^ 1;
        writeFileSync(join(p, 'parameters-0.bin'), bytes);
      },
      /parameters-0\.bin differs from the checksum in web-model\.json: it was altered, or is of another export/,
    ],
  ])('refuses %s in one line', async (name, damage, message) => {
    const path = await written(name.replaceAll(' ', '-'));
    damage(path);
    const refused = served(path, {}, readModel);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(ModelError);
    await expect(refused).rejects.toThrow(/^[^\n]*$/);
  });

  it('says that a server does not answer, and what is no URL', async () => {
    const gone = await served(folder, {}, async (url) => url);
    await expect(readModel(gone)).rejects.toThrow(
      `${gone}web-model.json cannot be fetched: the server does not answer, or does not allow other origins (CORS)`,
    );
    await expect(readModel('https://')).rejects.toThrow('https:// is no URL of a folder');
  });
});
