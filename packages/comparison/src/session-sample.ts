import { type SessionArrays, sampleSessions } from '@gru4rec/metrics';

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

export interface Sampled {
  readonly sessions: SessionArrays;
  readonly sample?: SampleFacts;
}

/** Size of a sample. */
export interface SampleSettings {
  readonly sample?: SampleSize | undefined;
}

/** Draws a sample of sessions: all of them without a size, or if the sample would not be smaller. */
export function drawSample(sessions: SessionArrays, settings: SampleSettings): Sampled {
  const sample = sampleOf(sessions.sessionOffsets.length - 1, settings);
  if (sample === undefined) return { sessions };
  return { sessions: sampleSessions(sessions, { size: sample.sessions, seed: sample.seed }), sample };
}

/** Every sample of a split has the same sessions. */
const SEED = 1;

/** Describes a sample of `of` sessions; undefined without a size, or if the sample would not be smaller. */
export function sampleOf(of: number, { sample }: SampleSettings): SampleFacts | undefined {
  if (sample === undefined) return undefined;
  const size = 'share' in sample ? Math.max(1, Math.round(sample.share * of)) : sample.sessions;
  return size < of ? { sessions: size, of, seed: SEED } : undefined;
}

/** `sample of 500 of 3,416 sessions, seed 1` */
export function describeSample({ sessions, of, seed }: SampleFacts): string {
  const [size, all] = [sessions, of].map((value) => value.toLocaleString('en-US'));
  return `sample of ${size} of ${all} sessions, seed ${seed}`;
}
