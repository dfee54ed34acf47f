import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Bytes that live objects and buffers of this process hold, after garbage collection. */
export async function heldBytes(): Promise<number> {
  collect ??= findCollector();
  // Buffers are freed behind the collection that finds them dead.
  for (let round = 0; round < 3; round++) {
    collect();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Node hands out its garbage collector only by a flag, which may be set late for a context made afterwards. */
function findCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
