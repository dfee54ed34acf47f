import { expect, it } from 'vitest';
import { pageThreads } from '../../src/page/worker/sources.ts';

it('pageThreads leaves a core to the page, and is one where memory cannot be shared', () => {
  expect([1, 2, 3, 5, 64].map((cores) => pageThreads(true, cores))).toEqual([1, 1, 2, 4, 4]);
  expect(pageThreads(false, 64)).toBe(1);
});
