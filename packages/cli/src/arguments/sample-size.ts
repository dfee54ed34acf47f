import { UsageError } from '@gru4rec/checked-options';
import { type SampleSettings, type SampleSize, sampleOf } from '@gru4rec/comparison';
import { groupDigits } from '../terminal/progress.ts';

/** Resamples for the intervals of a sample. */
export const RESAMPLES = 1000;

/** Parses `--sample`: `5000` or `10%`. @throws UsageError if it is neither. */
export function parseSampleSize(text: string): SampleSize {
  const [, digits = '', percent] = /^(\d+(?:\.\d+)?)(%)?$/.exec(text) ?? [];
  const number = digits === '' ? Number.NaN : Number(digits);
  if (percent && number > 0 && number <= 100) return { share: number / 100 };
  if (!percent && Number.isSafeInteger(number) && number >= 1) return { sessions: number };
  throw new UsageError(
    `--sample expected a number of sessions ≥ 1 or a share such as 10%, got ${JSON.stringify(text)}`,
  );
}

/** A note if the sample is not smaller than the split. */
export function tooLarge(settings: SampleSettings, count: number): string {
  if (settings.sample === undefined || sampleOf(count, settings)) return '';
  return `--sample is not smaller than the ${groupDigits(count)} sessions of the split: all are evaluated\n`;
}
