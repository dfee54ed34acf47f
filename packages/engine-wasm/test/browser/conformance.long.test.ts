import { opNames } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import type { WasmEngineOptions } from '../../src/index.ts';
import { useChromium } from './chromium-pages.ts';
import type { Conformance } from './conformance.ts';

const inPage = useChromium('conformance');
const run = (options: WasmEngineOptions) => `conformance(${JSON.stringify(options)})`;
/** The same in a worker. */
const runInWorker = (options: WasmEngineOptions) => `new Promise((resolve, reject) => {
  const worker = new Worker('./conformance.js', { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(${JSON.stringify(options)});
})`;

function expectConformance({ outcomes }: Conformance): void {
  expect(outcomes.filter(({ passed }) => !passed)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(opNames.length + 15);
}

describe('the engine in Chromium', () => {
  it.for([{ relaxed: true }, { relaxed: false }])('conforms in a page, with %j', async (options, ctx) => {
    const result = await inPage<Conformance>(ctx, 'plain', run(options));
    expect(result).toMatchObject({ threads: 1, ...options });
    expectConformance(result);
  });

  // Each trial loads a program: without a release, Chromium has no room for their memories.
  it.for([{ relaxed: true }, { relaxed: false }])(
    'conforms on two threads in a worker of an isolated page, with %j',
    async (options, ctx) => {
      const wanted = { threads: 2, threadsFrom: 0, ...options };
      const result = await inPage<Conformance>(ctx, 'isolated', runInWorker(wanted));
      expect(result).toMatchObject({ threads: 2, ...options });
      expectConformance(result);
    },
  );
});
