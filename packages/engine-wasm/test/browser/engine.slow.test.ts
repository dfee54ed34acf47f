import { expectClose, float32Tolerance } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../../src/index.ts';
import { loadSmallStep, smallLosses } from '../small-step.ts';
import { useChromium } from './chromium-pages.ts';
import type { SmallSteps } from './small-steps.ts';

const inPage = useChromium('small-steps');

describe('openWasmEngine in Chromium', () => {
  it.for([
    ['a page', 'plain', 'smallSteps({})', 1],
    ['a page that is isolated', 'isolated', 'smallSteps({})', 1],
    ['a page, with kernels of its own', 'plain', 'smallSteps({ kernelsUrl: "./wasm" })', 1],
    ['a worker', 'plain', 'inWorker({})', 1],
    ['a worker, with plain SIMD', 'plain', 'inWorker({ relaxed: false })', 1],
    ['a worker of an isolated page', 'isolated', 'inWorker({ threads: 3, threadsFrom: 0 })', 3],
  ] as const)('takes the steps of Node in %s', async ([, site, expression, threads], ctx) => {
    const got = await inPage<SmallSteps>(ctx, site, expression);
    expect(got).toMatchObject({ threads });
    const inNode = smallLosses(loadSmallStep(createWasmEngine({ threads: 1 })), 20);
    expectClose(got.losses ?? [], inNode, { ...float32Tolerance, name: 'losses' });
  });

  it('uses all cores by default where it can', async (ctx) => {
    const cores = await inPage<number>(ctx, 'isolated', 'navigator.hardwareConcurrency');
    expect(await inPage(ctx, 'isolated', 'inWorker({})')).toMatchObject({ threads: cores });
  });

  it.for([
    [
      'plain',
      'smallSteps({ threads: 2 })',
      /this page cannot share memory, because it is not cross-origin isolated\. Serve it with the headers .*, or use one thread\.$/,
    ],
    ['plain', 'inWorker({ threads: 2 })', /is not cross-origin isolated/],
    [
      'isolated',
      'smallSteps({ threads: 2 })',
      /the main thread of a page cannot wait for others\. Open the engine in a worker, or use one thread\.$/,
    ],
    [
      'threadless',
      'inWorker({ threads: 3 })',
      /2 of 2 worker threads did not start: their script cannot be loaded\. Use one thread\.$/,
    ],
    [
      'plain',
      'smallSteps({ kernelsUrl: "nowhere" })',
      /http:\S+\/nowhere\/kernels-relaxed\.wasm cannot be fetched: status 404\.$/,
    ],
    [
      'plain',
      'smallSteps({ kernelsUrl: "http://127.0.0.1:9/" })',
      /http:\S+\/kernels-relaxed\.wasm cannot be fetched\.$/,
    ],
    [
      'plain',
      'smallSteps({ native: { path: "x", instructionSet: "avx2" } })',
      /native kernels x cannot be loaded$/,
    ],
    [
      'plain',
      'synchronously()',
      /a browser cannot load the kernels at once\. Use `await openWasmEngine\(\)` instead of createWasmEngine\.$/,
    ],
  ] as const)('%s: %s is refused with the reason', async ([site, expression, reason], ctx) => {
    const got = await inPage<SmallSteps | string>(ctx, site, expression);
    const message = typeof got === 'string' ? got : (got.error ?? '');
    expect(message).toMatch(/^EngineUnavailableError: engine-wasm: [^\n]*$/);
    expect(message).toMatch(reason);
  });
});
