/** A line reported by a peer: the kind of event, and its figures. */
export interface PeerEvent {
  readonly event: string;
  readonly [figure: string]: unknown;
}

/**
 * Parses the lines of JSON from a peer.
 *
 * @param source - names the peer in messages.
 * @throws Error naming the first line that is not an event.
 */
export function parseEvents(text: string, source: string): PeerEvent[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const event = parseLine(line);
      if (event) return event;
      throw new Error(
        `${source}: line ${index + 1} expected a JSON object with "event", got ${JSON.stringify(line)}`,
      );
    });
}

function parseLine(line: string): PeerEvent | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value?.event === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error if the event does not have this number. */
export function numberOf(event: PeerEvent | undefined, figure: string): number {
  const value = event?.[figure];
  if (typeof value === 'number') return value;
  throw new Error(`peer: "${event?.event}" expected a number "${figure}", got ${JSON.stringify(value)}`);
}

/** Numbers of an event, by their names. @throws Error if the event does not have one of them. */
export function numbersOf(event: PeerEvent, figures: readonly string[]): Record<string, number> {
  return Object.fromEntries(figures.map((figure) => [figure, numberOf(event, figure)]));
}

/** The last event of a kind. @throws Error if there is none. */
export function lastEvent(events: readonly PeerEvent[], kind: string): PeerEvent {
  const found = events.findLast(({ event }) => event === kind);
  if (found) return found;
  throw new Error(`peer: expected an event "${kind}", got ${events.map(({ event }) => event).join(', ')}`);
}
