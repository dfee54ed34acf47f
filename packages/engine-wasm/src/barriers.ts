import type { Buffer, Call, Runs } from './kernel-call.ts';
import { kernelTable } from './kernel-table.ts';

/** Which threads access which part of a buffer: any thread any part (`all`), one thread, or threads that split its rows. */
type Pattern = string;

interface Touched {
  readonly reads: Map<Pattern, number>;
  readonly writes: Map<Pattern, number>;
}

export interface OrderedCalls {
  readonly calls: readonly Call[];
  readonly timeOf: readonly number[];
}

/**
 * Orders calls for several threads: each as early as its dependencies allow, with few barriers, and one at the end. Two accesses
 * to a buffer need a barrier unless both read or the same thread makes both: one thread, or splits by the same number of rows.
 * A split never divides GRANULE rows.
 */
export function placeBarriers(calls: readonly Call[], barrier: Call): OrderedCalls {
  const touched = new Map<Buffer, Touched>();
  const stretches: Call[][] = [];
  for (const call of calls) {
    const accesses = accessesOf(call);
    const stretch = accesses.reduce((latest, a) => Math.max(latest, earliest(touched.get(a.buffer), a)), 0);
    const placed = withoutRace(call, touched, stretch);
    for (const { buffer, pattern, write } of accesses) {
      const entry = touched.get(buffer) ?? { reads: new Map(), writes: new Map() };
      touched.set(buffer, entry);
      const into = write ? entry.writes : entry.reads;
      into.set(pattern, Math.max(stretch, into.get(pattern) ?? 0));
    }
    while (stretches.length <= stretch) stretches.push([]);
    stretches[stretch]?.push(placed);
  }
  const ordered = stretches.map((stretch) => [...stretch, barrier]);
  return { calls: ordered.flat(), timeOf: ordered.flatMap((stretch, time) => stretch.map(() => time)) };
}

interface Access {
  readonly buffer: Buffer;
  readonly pattern: Pattern;
  readonly write: boolean;
}

function accessesOf({ touches, runs }: Call): Access[] {
  const single = runs === 'first' || runs === 'last';
  const byRows = patternOf(runs);
  return touches.map(({ buffer, by, write }) => ({
    buffer,
    pattern: single || by === 'rows' ? byRows : by,
    write,
  }));
}

/** The pattern of a split. The first thread accesses all rows if they are at most one granule. */
function patternOf(runs: Runs): Pattern {
  if (typeof runs === 'string') return runs;
  return runs.rows <= kernelTable.constants.GRANULE ? 'first' : `rows ${runs.rows}`;
}

function earliest(touched: Touched | undefined, { pattern, write }: Access): number {
  if (!touched) return 0;
  const others = write ? [...touched.writes, ...touched.reads] : [...touched.writes];
  return others.reduce((latest, [other, stretch]) => {
    const sameThread = other === pattern && pattern !== 'all';
    return Math.max(latest, sameThread ? stretch : stretch + 1);
  }, 0);
}

/** Removes `inPlace` if another thread may still be reading the input whose memory the result would take. */
function withoutRace(call: Call, touched: ReadonlyMap<Buffer, Touched>, stretch: number): Call {
  const { inPlace, ...rest } = call;
  if (!inPlace) return call;
  const [, into] = inPlace;
  const pattern = patternOf(call.runs);
  const free = earliest(touched.get(into), { buffer: into, pattern, write: true });
  return free > stretch ? rest : call;
}
