/** Why a learner has stopped. */
export interface LearnStop {
  readonly reason: 'behind' | 'not finite' | 'failed';
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Stops in a row, with this one. */
  readonly stops: number;
  /** When it learns again, in ISO 8601, UTC; undefined: never. */
  readonly until?: string | undefined;
  /** Whether it learns again. */
  readonly isOver: boolean;
}

/** The most stops in a row. The last one is for good. */
export const STOPS = 3;
/** Of the first stop in a row. Each pause is twice as long as the one before. */
const PAUSE_MS = 3_600_000;
/** A stop so long after a pause is the first in a row. */
const RECOVERED_MS = 86_400_000;

/** A stop that begins now. @param before - the one before. */
export function nextStop(
  {
    reason,
    message,
    pauseMs = PAUSE_MS,
  }: Pick<LearnStop, 'reason' | 'message'> & { pauseMs?: number | undefined },
  before: LearnStop | undefined,
): LearnStop {
  const nowMs = Date.now();
  const isInRow = nowMs < Date.parse(before?.until ?? '') + RECOVERED_MS;
  const stops = before && isInRow ? before.stops + 1 : 1;
  const untilMs = nowMs + pauseMs * 2 ** (stops - 1);
  const until = reason !== 'failed' && stops < STOPS ? new Date(untilMs).toISOString() : undefined;
  return { reason, message, at: new Date(nowMs).toISOString(), stops, until, isOver: false };
}

/** Whether a pause has ended. It has, too, if it began by a clock that was ahead. */
export function isDue({ at, until }: LearnStop): boolean {
  const nowMs = Date.now();
  return until !== undefined && (nowMs >= Date.parse(until) || nowMs < Date.parse(at));
}
