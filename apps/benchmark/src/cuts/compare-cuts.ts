import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '@gru4rec/preprocess';
import { readDataset, type SessionTable } from '@gru4rec/sessions';

/** Pairs of successive events of a user, by what the pause and what the log's own session ids make of them. */
export interface CutCounts {
  readonly pairs: number;
  /** Pairs that both keep in one session, and that both cut. */
  readonly keptAlike: number;
  readonly cutAlike: number;
  /** Pairs that the pause alone cuts, and that the log alone cuts. */
  readonly cutByPause: number;
  readonly cutByLog: number;
}

/** A log that has users and sessions. */
export interface CutsOptions {
  readonly inputs: readonly string[];
  readonly userColumn: string;
  readonly sessionColumn: string;
  readonly timeColumn: string;
  readonly sessionGapMs: number;
}

/**
 * Compares sessions that `prepare` cuts at pauses with those that a log itself tells.
 *
 * @throws what `prepare` throws at bad options or input.
 */
export async function compareCuts({ sessionColumn, ...log }: CutsOptions): Promise<CutCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'cuts-'));
  try {
    const output = join(folder, 'dataset');
    // The log's session of an event stands where its item would: so it comes along in the order of `prepare`.
    await prepare({ ...log, itemColumn: sessionColumn, minSessionLength: 1, output });
    const { train } = await readDataset(output);
    return countCuts(train);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param sessions - called `user#n`, by start; the item of an event is the session that the log tells. */
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
