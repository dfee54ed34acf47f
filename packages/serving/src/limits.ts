/** Limits of requests. */
export const limits: Readonly<
  Record<'body' | 'id' | 'clicks' | 'items' | 'n' | 'boost' | 'timeMs' | 'inFlight' | 'context', number>
> = {
  /** Bytes of a body. */
  body: 1_048_576,
  /** Characters of an id. */
  id: 512,
  /** Clicks of a session that a request gives. */
  clicks: 1000,
  /** Items of other lists that a request gives. */
  items: 10_000,
  /** Recommendations per answer. */
  n: 1000,
  /** Absolute value of a boost. */
  boost: 1000,
  /** The latest time that `prepare` reads: 16 November 5138. */
  timeMs: 99_999_999_999_999,
  /** Columns of a click. */
  context: 20,
  /** Requests of a connection that are not answered yet. */
  inFlight: 32,
};
