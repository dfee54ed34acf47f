import { createWasmEngine } from '@gru4rec/engine-wasm';
import { describe, expect, it, vi } from 'vitest';
import { ModelError } from '../src/index.ts';
import { platform as ofBrowsers } from '../src/platform.browser.ts';
import { platform as ofNode } from '../src/platform.node.ts';
import * as browser from '../src/storage.browser.ts';
import * as node from '../src/storage.node.ts';
import { trainTiny } from './tiny-data.ts';

describe('the storage of browsers', () => {
  it('has the functions of Node', () => {
    expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
  });

  it('refuses folders', async () => {
    const model = await trainTiny({}, { engine: createWasmEngine() });
    const message = 'folder cannot be read or written: a browser has no folders';
    await expect(browser.saveModel(model, 'folder', {})).rejects.toThrow(
      new ModelError('folder', message.slice(7)),
    );
    await expect(browser.readSnapshot('folder')).rejects.toThrow(message);
    await expect(browser.readSnapshotHistory('folder')).rejects.toThrow(message);
  });
});

describe('the platform of browsers', () => {
  it('hashes texts and files as that of Node does, also on a page without HTTPS', async () => {
    const bytes = new Uint8Array(1000).fill(7);
    const hashes = async ({ sha256, digest }: typeof ofNode) => [
      sha256().update('ß😀').update(bytes).update('').hex(),
      await digest(bytes),
    ];
    const expected = await hashes(ofNode);
    expect(await hashes(ofBrowsers)).toEqual(expected);
    vi.stubGlobal('crypto', {});
    expect(await hashes(ofBrowsers)).toEqual(expected);
    vi.unstubAllGlobals();
  });

  it('lets the event loop turn', async () => {
    let turned = false;
    setTimeout(() => {
      turned = true;
    });
    for (let turns = 0; !turned && turns < 1000; turns++) await ofBrowsers.turn();
    expect(turned).toBe(true);
  });
});
