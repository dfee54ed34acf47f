import type { Protocol } from '../src/plan.ts';
import type { Scorer } from '../src/scorer.ts';

/** Options of `evaluate`. */
interface NaiveOptions {
  readonly protocol: Protocol;
  readonly warmUp: number;
  readonly excludeSeen: boolean;
  readonly candidates: Int32Array | undefined;
  readonly tieRule: 'standard' | 'conservative';
}

/** A prediction by the definition. */
export interface NaiveOutcome {
  readonly session: readonly number[];
  readonly position: number;
  readonly targets: readonly number[];
  /** Position of each target in the complete list, from 1; Infinity if missing. */
  readonly ranks: readonly number[];
  /** Number of items in the list with the score of each target. */
  readonly equal: readonly number[];
}

/**
 * The expected result of `evaluate` by the definitions, from complete lists: ties with the targets first (`standard`)
 * or last (`conservative`).
 */
export function naiveOutcomes(
  scorer: Scorer,
  sessions: readonly (readonly number[])[],
  options: NaiveOptions,
): NaiveOutcome[] {
  return sessions.flatMap((session) => {
    const outcomes: NaiveOutcome[] = [];
    const scoring = scorer.open(1);
    for (let position = 1; position < session.length; position++) {
      const input = Int32Array.of(session[position - 1]);
      const scores = [...scoring.step(input, Float32Array.of(position === 1 ? 1 : 0))];
      const targets = targetsAt(session, position, options);
      if (targets.length === 0) continue;
      const seen = options.excludeSeen ? session.slice(0, position) : [];
      const items = [...(options.candidates ?? scores.keys())].filter((item) => !seen.includes(item));
      const list = sortItems([...new Set(items)], scores, targets, options.tieRule);
      outcomes.push({
        session,
        position,
        targets,
        ranks: targets.map((target) => (list.includes(target) ? list.indexOf(target) + 1 : Infinity)),
        equal: targets.map((target) =>
          list.includes(target) ? list.filter((item) => scores[item] === scores[target]).length : 0,
        ),
      });
    }
    scoring.close();
    return outcomes;
  });
}

function targetsAt(
  session: readonly number[],
  position: number,
  { protocol, warmUp, candidates }: NaiveOptions,
): number[] {
  if (position < warmUp) return [];
  if (protocol === 'last' && position !== session.length - 1) return [];
  const coming = protocol === 'remaining' ? session.slice(position) : [session[position]];
  return [...new Set(coming)].filter((item) => candidates === undefined || candidates.includes(item));
}

function sortItems(
  items: readonly number[],
  scores: readonly number[],
  targets: readonly number[],
  tieRule: NaiveOptions['tieRule'],
): number[] {
  const favour = (item: number) => (targets.includes(item) ? 1 : 0) * (tieRule === 'standard' ? -1 : 1);
  return items.toSorted((a, b) => scores[b] - scores[a] || favour(a) - favour(b) || a - b);
}
