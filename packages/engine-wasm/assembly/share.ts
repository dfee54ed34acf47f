// Every thread runs the whole list of calls, in its own instance over one memory. A call runs on one thread or is split
// by rows, always at the same rows. The thread that writes a row therefore also reads it if the next call splits the
// same rows.

/** Rows are split at multiples of this number, so that a share of a column consists of whole vectors. */
export const GRANULE: i32 = 4;
/** Bytes of scratch per thread. */
export const SCRATCH_BYTES: i32 = 128;

/** The number of this thread, and the number of threads. */
let thread: i32 = 0;
let threads: i32 = 1;
/** The share of the current call. */
let share: i32 = 0;
let shares: i32 = 1;
/** Address of the scratch of this thread. */
let own: usize = 0;
/** Loads before a waiting thread goes to sleep. */
let patience: i32 = 0;

/** Sets the number of this thread, the number of threads, its scratch, and the loads that it spins before it sleeps. */
export function startThread(number: i32, count: i32, scratch: usize, spins: i32): void {
  thread = number;
  threads = count;
  own = scratch;
  patience = spins;
}

@inline
export function spins(): i32 {
  return patience;
}

/**
 * Prepares the share of a call. 0 splits it; p > 0 gives all of it to thread p − 1 or the last. False: not for this
 * thread.
 */
export function takeShare(part: i32): bool {
  if (part == 0) {
    share = thread;
    shares = threads;
    return true;
  }
  share = 0;
  shares = 1;
  return min(part - 1, threads - 1) == thread;
}

/** First row of this share. */
@inline
export function lo(n: i32): i32 {
  return bound(n, share, shares);
}

/** One more than the last row of this share. */
@inline
export function hi(n: i32): i32 {
  return bound(n, share + 1, shares);
}

function bound(n: i32, at: i32, count: i32): i32 {
  const granules = (n + GRANULE - 1) / GRANULE;
  return min(n, ((granules * at + count - 1) / count) * GRANULE);
}

/** Number of rows, of n, of one of `count` shares. */
export function rowsOfShare(n: i32, at: i32, count: i32): i32 {
  return bound(n, at + 1, count) - bound(n, at, count);
}

/** Number of this share, and the number of shares, for memory kept per share. */
@inline
export function shareNumber(): i32 {
  return share;
}
@inline
export function shareCount(): i32 {
  return shares;
}
@inline
export function threadCount(): i32 {
  return threads;
}

/** Address of the SCRATCH_BYTES of this thread. */
@inline
export function scratch(): usize {
  return own;
}
