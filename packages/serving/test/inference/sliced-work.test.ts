import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SlicedWork } from '../../src/inference/inference.ts';

it('does eight pieces per turn of the event loop, in order, also those that come in between', async () => {
  const work = new SlicedWork();
  const done: number[] = [];
  const pieces = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => () => void done.push(from + at));
  const first = (count: number) => Array.from({ length: count }, (_, at) => at);
  work.add(pieces(0, 12));
  expect(done).toEqual(first(8));
  work.add(pieces(12, 20));
  expect(done).toEqual(first(8));
  await setImmediate();
  expect(done).toEqual(first(16));
  await setImmediate();
  expect(done).toEqual(first(20));
  work.add(pieces(20, 22));
  expect(done).toEqual(first(22));
});
