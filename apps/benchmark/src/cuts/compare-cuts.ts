import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '@gru4rec/preprocess';
import { readDataset, type SessionTable } from '@gru4rec/sessions';

/** Counts of pairs of successive events of a user, by whether the pause and the session ids of the log cut them. */
export interface CutCounts {
  readonly pairs: number;
  /** Pairs that both keep in one session; then pairs that both cut. */
  readonly keptAlike: number;
  readonly cutAlike: number;
  /** Pairs that only the pause cuts; then pairs that only the log cuts. */
  readonly cutByPause: number;
  readonly cutByLog: number;
}

/** A log with user and session ids. */
export interface CutsOptions {
  readonly inputs: readonly string[];
  readonly userColumn: string;
  readonly sessionColumn: string;
  readonly timeColumn: string;
  readonly sessionGapMs: number;
}

/**
 * Compares the sessions that `prepare` cuts at pauses with the session ids of a log.
 *
 * @throws errors of `prepare` for bad options or input.
 */
export async function compareCuts({ sessionColumn, ...log }: CutsOptions): Promise<CutCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'cuts-'));
  try {
    const output = join(folder, 'dataset');
    // The session id of an event is passed as its item, so that it is returned in the order of `prepare`.
    await prepare({ ...log, itemColumn: sessionColumn, minSessionLength: 1, output });
    const { train } = await readDataset(output);
    return countCuts(train);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param sessions - named `user#n`, by start. The item of an event is its session id in the log. */
function countCuts({ sessionIds, sessionOffsets, items }: SessionTable): CutCounts {
  const counts = { pairs: 0, keptAlike: 0, cutAlike: 0, cutByPause: 0, cutByLog: 0 };
  const lastOf = new Map<string, number>();
  for (const [session, sessionId] of sessionIds.entries()) {
    const user = sessionId.slice(0, sessionId.lastIndexOf('#'));
    const [start = 0, end = 0] = [sessionOffsets[session], sessionOffsets[session + 1]];
    for (let event = start; event < end; event++) {
      const before = event === start ? lastOf.get(user) : items[event - 1];
      if (before === undefined) continue;
      counts.pairs++;
      const isCut = event === start;
      const isOther = before !== items[event];
      if (isCut) counts[isOther ? 'cutAlike' : 'cutByPause']++;
      else counts[isOther ? 'cutByLog' : 'keptAlike']++;
    }
    lastOf.set(user, items[end - 1] ?? -1);
  }
  return counts;
}
