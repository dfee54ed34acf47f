import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { loadMetrics, type SampleSettings, type SampleSize, sampleOf } from '@gru4rec/comparison';
import { type MetricOptions, PROTOCOLS, TIE_RULES } from '@gru4rec/metrics';
import { groupDigits } from '../terminal/progress.ts';
import { type ArgumentsOf, flag, oneOf, or, parsed, parsedTexts, texts } from './options.ts';
import { integers } from './values.ts';

export const evaluationOptions = {
  cutoffs: or(20, parsedTexts('Lengths of the recommendation lists', integers(1))),
  split: or('test', oneOf(['test', 'validation'], 'Which sessions of the dataset')),
  protocol: or(
    'next',
    oneOf(
      PROTOCOLS,
      'What each position predicts: the next click, the last of its session, all remaining ones',
    ),
  ),
  'tie-rule': or(
    'standard',
    oneOf(TIE_RULES, 'Rank among equal scores: before them, after them, in their middle'),
  ),
  'exclude-seen': flag('Exclude the items of a session from its lists'),
  sample: parsed(
    'Evaluate a sample of the sessions, such as 5000 or 10%, with 95 % intervals',
    parseSampleSize,
  ),
  metrics: texts('Modules (FILE.mjs) with metrics of your own, as default exports'),
};

export type EvaluationArguments = ArgumentsOf<typeof evaluationOptions>;

/** Resamples for the intervals of a sample. */
export const RESAMPLES = 1000;

export function parseSampleSize(text: string, label: string): SampleSize {
  const [, digits = '', percent] = /^(\d+(?:\.\d+)?)(%)?$/.exec(text) ?? [];
  const number = digits === '' ? Number.NaN : Number(digits);
  if (percent && number > 0 && number <= 100) return { share: number / 100 };
  if (!percent && Number.isSafeInteger(number) && number >= 1) return { sessions: number };
  throw new UsageError(
    `${label} expected a number of sessions ≥ 1 or a share such as 10%, got ${JSON.stringify(text)}`,
  );
}

export function tooLarge(settings: SampleSettings, count: number): string {
  if (settings.sample === undefined || sampleOf(count, settings)) return '';
  return `--sample is not smaller than the ${groupDigits(count)} sessions of the split: all are evaluated\n`;
}

/** For what needs a rank per prediction. */
export function expectOneTarget(option: string, protocol: EvaluationArguments['protocol']): void {
  if (protocol !== 'remaining') return;
  throw new UsageError(
    `${option} expected --protocol next or last, got remaining, which has several targets`,
  );
}

export async function ownMetrics(
  { metrics: files, protocol }: Pick<EvaluationArguments, 'metrics' | 'protocol'>,
  directory: string,
): Promise<MetricOptions> {
  if (files === undefined) return {};
  expectOneTarget('--metrics', protocol);
  const metrics = (
    await Promise.all(files.map((file) => loadMetrics(resolve(directory, file), file)))
  ).flat();
  const labels = metrics.map(({ label }) => label);
  const twin = labels.find((label, place) => labels.indexOf(label) < place);
  if (twin === undefined) return { metrics };
  throw new UsageError(`--metrics expected each label once, got "${twin}" twice, from ${files.join(', ')}`);
}
