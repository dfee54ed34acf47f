import { EventEmitter } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { describe, expect, it } from 'vitest';
import { Inference, SlicedWork } from '../../src/inference/inference.ts';
import { noRules, type Query, type ToThread } from '../../src/inference/messages.ts';
import { type BatchTimes, inferenceLimits } from '../../src/inference/model-version.ts';

/** A thread that answers a batch when the test says so: each query with its own last step. */
class FakeThread extends EventEmitter {
  readonly batches: (readonly Query[])[] = [];

  postMessage(message: ToThread): void {
    if (message.kind === 'batch') this.batches.push(message.queries);
  }

  async terminate(): Promise<number> {
    return 0;
  }

  answer(): void {
    const batch = this.batches.shift()!;
    const items = batch.map(({ steps }) => steps.at(-1)!);
    this.emit('message', {
      kind: 'answers',
      counts: Int32Array.from(items, () => 1),
      items: Int32Array.from(items),
      scores: Float64Array.from(items),
      errors: new Map(),
      nexts: new Set(),
      ...{ stepMs: 1, topMs: 1 },
    });
  }
}

async function start(limits: Partial<typeof inferenceLimits> = {}) {
  const thread = new FakeThread();
  const times: BatchTimes[] = [];
  const failures: Error[] = [];
  const starting = Inference.start(
    { directory: '' },
    {
      ...{ ...inferenceLimits, maxWaitMs: 10_000, ...limits },
      startThread: () => thread as unknown as Worker,
      onBatch: (batch) => times.push(batch),
      onFailure: (error) => failures.push(error),
    },
  );
  thread.emit('message', { kind: 'ready', ids: ItemIdTable.from(['a']).share(), checksum: 'c' });
  const inference = await starting;
  const ask = (item: number) =>
    inference.ask({ sessionId: undefined, dropped: 0, items: [item], n: 1, rules: noRules });
  return { thread, inference, ask, times, failures };
}

/** Sizes of the batches that the thread has. */
const sizes = (thread: FakeThread) => thread.batches.map(({ length }) => length);

describe('Inference', () => {
  it('sends a lone question at once, and those that come while it computes together, up to maxBatch', async () => {
    const { thread, ask, times } = await start({ maxBatch: 3 });
    const found = [ask(1)];
    await setTimeout(5);
    expect(sizes(thread)).toEqual([1]);
    found.push(...[2, 3].map(ask));
    await setTimeout(20);
    expect(sizes(thread)).toEqual([1]);
    found.push(...[4, 5].map(ask));
    // A full batch does not wait for the thread.
    expect(sizes(thread)).toEqual([1, 3]);
    thread.answer();
    await setTimeout(5);
    thread.answer();
    thread.answer();
    const items = (await Promise.all(found)).map(({ items }) => items[0]);
    expect(items).toEqual([1, 2, 3, 4, 5]);
    expect(times.map(({ size }) => size)).toEqual([1, 3, 1]);
    expect(times[1]?.queueMs).toHaveLength(3);
  });

  it('does not let a question wait for more than maxWaitMs', async () => {
    const { thread, ask } = await start({ maxWaitMs: 20 });
    const found = [ask(1)];
    await expect.poll(() => sizes(thread)).toEqual([1]);
    found.push(ask(2));
    await expect.poll(() => sizes(thread)).toEqual([1, 1]);
    thread.answer();
    thread.answer();
    await Promise.all(found);
  });

  it('refuses all questions when the thread has ended', async () => {
    const { thread, ask, failures } = await start();
    const found = ask(1);
    thread.emit('error', new Error('out of memory'));
    await expect(found).rejects.toMatchObject({ statusCode: 503, message: 'The model’s thread has ended' });
    expect(() => ask(2)).toThrow('The model’s thread has ended');
    expect(failures.map(({ message }) => message)).toEqual(['out of memory']);
  });

  it('answers its questions before it closes', async () => {
    const { thread, ask, inference, failures } = await start();
    const found = ask(1);
    let closed = false;
    const closing = inference.close().then(() => {
      closed = true;
    });
    await expect.poll(() => thread.batches.length).toBe(1);
    await setTimeout(5);
    expect(closed).toBe(false);
    thread.answer();
    await Promise.all([found, closing]);
    expect(failures).toEqual([]);
  });
});

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
