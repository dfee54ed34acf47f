// Every thread runs the whole op list, in its own instance over one memory. An op is either run by one thread or split
// by rows, always at the same places, so that the same thread writes a row and reads it where the next op splits the
// same rows.

/** Rows are split in multiples of this many, so that a share of a column is whole vectors. */
export const GRANULE: i32 = 4;
/** Bytes of scratch of each thread. */
export const SCRATCH_BYTES: i32 = 128;

/** This thread's number, and how many there are. */
let thread: i32 = 0;
let threads: i32 = 1;
/** The share of the op that runs. */
let share: i32 = 0;
let shares: i32 = 1;
/** This thread's SCRATCH_BYTES. */
let own: usize = 0;
/** Loads before a waiting thread goes to sleep. */
let patience: i32 = 0;

/** Sets the thread of this instance, of how many, its scratch, and how long it spins before it sleeps. */
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

/** Prepares the share of an op: 0 splits it, p > 0 gives all of it to thread p − 1 or the last. False: not for us. */
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

/** First of this share's rows. */
@inline
export function lo(n: i32): i32 {
  return bound(n, share);
}

/** One more than the last of this share's rows. */
@inline
export function hi(n: i32): i32 {
  return bound(n, share + 1);
}

function bound(n: i32, at: i32): i32 {
  const granules = (n + GRANULE - 1) / GRANULE;
  return min(n, ((granules * at + shares - 1) / shares) * GRANULE);
}

/** Number of this share, and how many there are: for what is kept once per share. */
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

/** Address of this thread's SCRATCH_BYTES. */
@inline
export function scratch(): usize {
  return own;
}
