/**
 * Refuses to evaluate against sampled negatives: metrics over a sample of the items are no estimates of the metrics
 * over all items, and may order scorers the other way round, above all by recall and MRR of short lists
 * (Krichene, Rendle 2020, KDD, doi:10.1145/3394486.3403226). For a command line that knows such an option.
 *
 * @param name - the option as its user wrote it, such as `--negatives`.
 * @param value - what it was given; undefined if it was not.
 * @throws RangeError unless `value` is undefined.
 */
export function refuseSampling(name: string, value: unknown): void {
  if (value === undefined) return;
  throw new RangeError(
    `evaluate: "${name}" expected nothing, got ${value}. Metrics over sampled negatives can order models ` +
      'the other way round than metrics over all items (Krichene, Rendle 2020, doi:10.1145/3394486.3403226). ' +
      'Leave it out: all items are ranked, or those that can be recommended, the candidates.',
  );
}
