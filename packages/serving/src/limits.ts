/** Limits of requests. */
export const limits: Readonly<Record<'body' | 'id' | 'items' | 'n' | 'boost' | 'timeMs', number>> = {
  /** Bytes of a body. */
  body: 1_048_576,
  /** Characters of an id. */
  id: 512,
  /** Items of a list that a request gives. */
  items: 10_000,
  /** Recommendations per answer. */
  n: 1000,
  /** Absolute value of a boost. */
  boost: 1000,
  /** The latest time that `prepare` reads: 16 November 5138. */
  timeMs: 99_999_999_999_999,
};
