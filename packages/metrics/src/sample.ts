import { pickSessions, type SessionArrays } from '@gru4rec/batcher';
import { anything, checkHas, checkOptions, integer, type OptionChecks, required } from '@gru4rec/checks';
import { RandomStream, type Seed } from '@gru4rec/random';

/** Determines which sessions are drawn. */
export interface SessionSample {
  /** n, the number of sessions to draw, an integer ≥ 1; all are drawn if there are no more. */
  readonly size: number;
  /** N, the number of all sessions, including those without a prediction, an integer below 2³². */
  readonly sessions: number;
  readonly seed: Seed;
}

const checks: OptionChecks<Omit<SessionSample, 'sessions'>> = {
  size: required(integer(1)),
  seed: required(anything),
};

/**
 * Draws n of N sessions without replacement, every set of n with the same probability, in one pass: each session is drawn
 * with probability (still to draw) / (still to come), on the stream `metrics.sample`.
 *                                                          (Knuth, The Art of Computer Programming 2, 3.4.2, S)
 * @returns for each session in order, whether it was drawn; ends after N.
 */
export function* drawSessions({ size, sessions, seed }: SessionSample): Generator<boolean, void> {
  const stream = new RandomStream(seed, 'metrics.sample');
  let wanted = Math.min(size, sessions);
  for (let left = sessions; left > 0; left--) {
    const drawn = stream.nextBelow(left) < wanted;
    if (drawn) wanted--;
    yield drawn;
  }
}

/**
 * The sessions of a sample, in their order (fresh).
 * @param sessions - read only.
 * @example
 * const few = sampleSessions(test, { size: 10, seed: 1 });
 * const evaluation = evaluate(model.scorer(), few, { bootstrap: { resamples: 1000, seed: 1 } });
 */
export function sampleSessions(
  sessions: SessionArrays,
  sample: Omit<SessionSample, 'sessions'>,
): SessionArrays {
  checkHas('sampleSessions', 'sessions', sessions, ['sessionOffsets', 'items']);
  checkOptions('sampleSessions', sample, checks);
  return pick(sessions, drawSessions({ ...sample, sessions: sessions.sessionOffsets.length - 1 }));
}

/**
 * The sessions of a sample from parts: the same that `sampleSessions` draws from all parts together.
 * @param parts - whole sessions, `sample.sessions` in all. Read only.
 * @returns one part per part (fresh), maybe without sessions.
 */
export async function* sampleParts(
  parts: AsyncIterable<SessionArrays> | Iterable<SessionArrays>,
  sample: SessionSample,
): AsyncGenerator<SessionArrays, void> {
  const draws = drawSessions(sample);
  for await (const part of parts) yield pick(part, draws);
}

function pick(sessions: SessionArrays, draws: Iterator<boolean, void>): SessionArrays {
  const drawn: number[] = [];
  for (let session = 0; session + 1 < sessions.sessionOffsets.length; session++) {
    if (draws.next().value === true) drawn.push(session);
  }
  return pickSessions(sessions, drawn);
}
