import { spins, threadCount } from './share';

/**
 * Waits until every thread has arrived: spins, then sleeps. sync: arrived, generation, sleepers. A build without shared
 * memory has one thread and does not wait.
 */
export function barrier(sync: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  const generation = atomic.load<i32>(sync, 4);
  if (atomic.add<i32>(sync, 1) == threadCount() - 1) {
    atomic.store<i32>(sync, 0);
    atomic.add<i32>(sync, 1, 4);
    if (atomic.load<i32>(sync, 8) != 0) atomic.notify(sync + 4, i32.MAX_VALUE);
    return;
  }
  for (let i = 0, last = spins(); i < last; i++) {
    if (atomic.load<i32>(sync, 4) != generation) return;
  }
  atomic.add<i32>(sync, 1, 8);
  while (atomic.load<i32>(sync, 4) == generation) atomic.wait<i32>(sync + 4, generation, -1);
  atomic.sub<i32>(sync, 1, 8);
}
