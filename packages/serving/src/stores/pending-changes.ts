import type { Click } from '../session-store.ts';

/** Deletes the session that the store has, before the clicks that follow. */
export class Forget {}

/** The changes of a session that a store has missed. */
export interface PendingChanges {
  /** In order: perhaps that the session is forgotten, then its newest clicks. */
  readonly changes: readonly (Forget | Click)[];
  /** Time of the latest click or deletion, milliseconds since 1970 UTC. */
  lastMs: number;
}

/** The clicks among changes, in order (fresh). */
export function clicksOf(changes: readonly (Forget | Click)[]): Click[] {
  return changes.filter((change): change is Click => !(change instanceof Forget));
}
