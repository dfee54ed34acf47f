import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

/** @throws what the thread throws, or an Error with `describeEnd` if it ends before. */
export async function nextMessage<Message>(
  worker: Worker,
  describeEnd: (exitCode: number) => string,
): Promise<Message> {
  // The number of a thread that has ended is −1.
  if (worker.threadId < 0) throw new Error(describeEnd(1));
  const over = new AbortController();
  const { signal } = over;
  const ended = once(worker, 'exit', { signal }).then(([code]) => {
    throw new Error(describeEnd(code));
  });
  try {
    const [message] = await Promise.race([once(worker, 'message', { signal }), ended]);
    return message;
  } finally {
    over.abort();
  }
}
