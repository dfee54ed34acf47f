import type { ComparisonRow, Turn } from '../comparison.ts';
import { whole } from '../figures.ts';
import { ownProgram } from '../own-program.ts';
import { lastEvent } from '../peers/events.ts';
import { runPeer } from '../peers/run-peer.ts';
import { type ContestOptions, type ContestRow, measureRows } from './contest.ts';
import type { IdFigures, IdStructure } from './id-lookup.ts';
import type { OwnTask } from './own-process.ts';

const IDS = 10_000_000;
const HEAP_MIB = 8192;

type IdTurn = Turn & IdFigures;

/** The figures of a turn, in the order of their rows. */
const figures: readonly Omit<ContestRow<IdTurn>, 'suite' | 'engine'>[] = [
  { name: 'looked up', unit: 'lookups/s of CPU', better: 'more', of: (turn) => turn.lookupsPerSecond },
  { name: 'made from record batches', unit: 's of CPU', better: 'less', of: (turn) => turn.buildSeconds },
  { name: 'held', unit: 'bytes an id', better: 'less', of: (turn) => turn.bytesPerId },
  { name: 'peak of the process', unit: 'MiB', better: 'less', of: (turn) => turn.peakMiB },
];

/** Measures millions of ids in our table and in JavaScript's structures, each in its own process. */
export async function measureIds(options: ContestOptions): Promise<ComparisonRow[]> {
  const ids = options.events ?? IDS;
  const named = figures.map((row) => ({ ...row, name: `${whole(ids)} ids, ${row.name}` }));
  const chosen = named.filter(({ name }) => options.only.test(name));
  if (chosen.length === 0) return [];
  const rows = chosen.map((row) => ({ ...row, suite: 'ids', engine: 'one thread' }));
  const structure = (name: string, of: IdStructure) => ({ name, take: () => inOwnProcess(of, ids) });
  return measureRows(rows, [structure('ours', 'table'), structure('string[] and Map', 'map')], options);
}

async function inOwnProcess(structure: IdStructure, ids: number): Promise<IdTurn> {
  const flags = ['--expose-gc', `--max-old-space-size=${HEAP_MIB}`];
  const program = ownProgram(new URL('./own-process.ts', import.meta.url), flags);
  const task: OwnTask = { task: 'ids', structure, ids };
  const done = lastEvent(await runPeer(program, { ...task, threads: 1 }), 'done');
  const turn = done as unknown as IdFigures;
  return { ...turn, value: turn.lookupsPerSecond, correctness: { found: turn.found } };
}
