import { type Buffer, buffersOf, type Call } from './memory-plan.ts';

/**
 * Who touches a buffer: `all` (every thread all of it, reading), one thread, a split by so many rows, or `scatter`
 * (in a way that fits nothing else).
 */
type Pattern = string;

/** Rows below which a split gives everything to the first thread; the granule of the kernels. */
const GRANULE = 4;

/** The latest stretches between barriers in which a buffer was read and written, by pattern. */
interface Touched {
  readonly reads: Map<Pattern, number>;
  readonly writes: Map<Pattern, number>;
}

/** A list of calls for several threads. */
export interface OrderedCalls {
  readonly calls: readonly Call[];
  /** How many barriers come before each call. */
  readonly timeOf: readonly number[];
}

/**
 * Orders calls for several threads: each as early as what it depends on allows, with as few barriers as there can be,
 * and one at the end. Two accesses to a buffer need a barrier between them unless both read, or the same thread makes
 * both: the same single thread, or splits by the same number of rows.
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

function accessesOf(call: Call): Access[] {
  const whole = call.rows === undefined ? (call.thread ?? 'first') : undefined;
  const byRows = whole ?? patternOf(call.rows ?? 0);
  const writes = call.writes.map((w): Access => {
    const [buffer, pattern] = 'by' in w ? [w.buffer, w.by] : [w, byRows];
    return { buffer, pattern, write: true };
  });
  const own = call.own ?? [];
  const named = buffersOf(call);
  const times = (list: readonly Buffer[], buffer: Buffer): number => list.filter((b) => b === buffer).length;
  const reads = [...new Set(named)].flatMap((buffer): Access[] => {
    const written = writes.filter((w) => w.buffer === buffer).length;
    const byOwn = times(own, buffer);
    // An operand may stand for another one's memory: what is left over is read whole, by its second role.
    const left = times(named, buffer) - byOwn - written;
    if (left > 0) return [{ buffer, pattern: whole ?? 'all', write: false }];
    // A buffer that is written alone appears among the arguments as well, and is not read.
    return byOwn > 0 ? [{ buffer, pattern: byRows, write: false }] : [];
  });
  return [...writes, ...reads];
}

function patternOf(rows: number): Pattern {
  return rows <= GRANULE ? 'first' : `rows ${rows}`;
}

/** The first stretch in which an access may happen. */
function earliest(touched: Touched | undefined, { pattern, write }: Access): number {
  if (!touched) return 0;
  const others = write ? [...touched.writes, ...touched.reads] : [...touched.writes];
  return others.reduce((latest, [other, stretch]) => {
    const sameThread = other === pattern && pattern !== 'all' && pattern !== 'scatter';
    return Math.max(latest, sameThread ? stretch : stretch + 1);
  }, 0);
}

/** A result may not take the memory of an input that another thread may still be reading. */
function withoutRace(call: Call, touched: ReadonlyMap<Buffer, Touched>, stretch: number): Call {
  const { inPlace, ...rest } = call;
  if (!inPlace) return call;
  const [, into] = inPlace;
  const pattern = call.rows === undefined ? (call.thread ?? 'first') : patternOf(call.rows);
  const free = earliest(touched.get(into), { buffer: into, pattern, write: true });
  return free > stretch ? rest : call;
}
