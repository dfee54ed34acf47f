import { UsageError } from '@gru4rec/checked-options';
import { type SessionArrays, sampleSessions } from '@gru4rec/metrics';
import { count, groupDigits } from '../terminal/progress.ts';

/** Size of a sample: a number of sessions, or a share. */
export type SampleSize =
  | { readonly sessions: number }
  | {
      /** In (0, 1]. */
      readonly share: number;
    };

/** Description of a sample, to be shown with figures. */
export interface SampleFacts {
  readonly sessions: number;
  /** Number of sessions in the split. */
  readonly of: number;
  readonly seed: number;
}

/** Sessions to evaluate, and the description of the sample unless they are all. */
export interface Sampled {
  readonly sessions: SessionArrays;
  readonly sample?: SampleFacts;
}

/** Size and seed of a sample. */
export interface SampleSettings {
  readonly sample?: SampleSize | undefined;
  readonly sampleSeed?: number | undefined;
}

/** Resamples for the intervals of a sample, without `--bootstrap`. */
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

/** Draws the sample of a command line; returns all sessions without `--sample`, or if the sample is not smaller. */
export function drawSample(sessions: SessionArrays, settings: SampleSettings): Sampled {
  const sample = sampleOf(sessions.sessionOffsets.length - 1, settings);
  if (sample === undefined) return { sessions };
  return { sessions: sampleSessions(sessions, { size: sample.sessions, seed: sample.seed }), sample };
}

/** Describes the sample of a command line; undefined without `--sample`, or if the sample is not smaller. */
export function sampleOf(of: number, { sample, sampleSeed = 1 }: SampleSettings): SampleFacts | undefined {
  if (sample === undefined) return undefined;
  const size = 'share' in sample ? Math.max(1, Math.round(sample.share * of)) : sample.sessions;
  return size < of ? { sessions: size, of, seed: sampleSeed } : undefined;
}

/** A note if the sample is not smaller than the split. */
export function tooLarge(settings: SampleSettings, count: number): string {
  if (settings.sample === undefined || sampleOf(count, settings)) return '';
  return `--sample is not smaller than the ${groupDigits(count)} sessions of the split: all are evaluated\n`;
}

/** `sample of 500 of 3,416 sessions, seed 1` */
export function describeSample({ sessions, of, seed }: SampleFacts): string {
  return `sample of ${groupDigits(sessions)} of ${count(of, 'session')}, seed ${seed}`;
}
