import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import { loadMetrics } from '@gru4rec/comparison';
import type { MetricOptions } from '@gru4rec/metrics';
import type { EvaluationArguments } from './options.ts';

/**
 * Loads the metrics of `--metrics`.
 *
 * @returns options of an evaluation, empty without the argument.
 * @throws UsageError if a module exports no metric, two have one label, or predictions have several targets.
 */
export async function ownMetrics(
  { metrics: files, protocol }: Pick<EvaluationArguments, 'metrics' | 'protocol'>,
  directory: string,
): Promise<MetricOptions> {
  if (files === undefined) return {};
  if (protocol === 'remaining') {
    throw new UsageError(
      '--metrics expected --protocol next or last, got remaining, which has several targets',
    );
  }
  const metrics = (
    await Promise.all(files.map((file) => loadMetrics(resolve(directory, file), file)))
  ).flat();
  const labels = metrics.map(({ label }) => label);
  const twin = labels.find((label, place) => labels.indexOf(label) < place);
  if (twin === undefined) return { metrics };
  throw new UsageError(`--metrics expected each label once, got "${twin}" twice, from ${files.join(', ')}`);
}
