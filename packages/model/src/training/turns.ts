import { platform } from '#platform';

/** Milliseconds between two turns of the event loop. */
const TURN_MS = 100;

/**
 * Starts a clock that lets the event loop turn, so that signals are seen, every tenth of a second.
 *
 * @returns to be called often. It calls `before` and turns the loop if it is time, else it returns undefined.
 */
export function turns(): (before?: () => void) => Promise<void> | undefined {
  let turnedMs = performance.now();
  return (before) => {
    if (performance.now() - turnedMs < TURN_MS) return undefined;
    before?.();
    return platform.turn().then(() => {
      turnedMs = performance.now();
    });
  };
}
