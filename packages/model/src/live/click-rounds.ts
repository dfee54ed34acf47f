import type { LiveEvent } from './advance-step.ts';
import type { LivePrograms } from './live-engine.ts';

/** Events of many sessions, sorted into rounds: round k has the k-th event of each session. */
export class ClickRounds {
  readonly #engine: Pick<LivePrograms, 'advance'>;
  readonly #slots: number;
  #rounds: LiveEvent[][] = [];
  readonly #counts = new Map<string | number, number>();

  /** @param slots - the most events per engine call. */
  constructor(engine: Pick<LivePrograms, 'advance'>, slots: number) {
    this.#engine = engine;
    this.#slots = slots;
  }

  /** Number of sessions with waiting events. */
  get sessions(): number {
    return this.#counts.size;
  }

  /** Whether an event of this session was added. */
  has(session: string | number): boolean {
    return this.#counts.has(session);
  }

  /** Adds the next event of a session. */
  add(session: string | number, event: LiveEvent): void {
    const round = this.#counts.get(session) ?? 0;
    this.#counts.set(session, round + 1);
    this.#rounds[round] ??= [];
    this.#rounds[round].push(event);
  }

  /** Runs all events, round by round. */
  run(): void {
    const rounds = this.#rounds;
    this.#rounds = [];
    this.#counts.clear();
    for (const round of rounds) {
      for (let start = 0; start < round.length; start += this.#slots) {
        this.#engine.advance(round.slice(start, start + this.#slots));
      }
    }
  }
}
