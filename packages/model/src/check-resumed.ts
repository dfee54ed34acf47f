import type { RunIdentity, TrainingSnapshot } from './training-snapshot.ts';

/**
 * Makes sure that a run is the one that a snapshot was taken of: another would end with other parameters.
 * @throws RangeError naming what differs: a key of the configuration, an engine fact, the data, the model before.
 */
export function checkResumed(snapshot: TrainingSnapshot, run: RunIdentity): void {
  const pairs = [...differences(snapshot.config, run.config), ...differences(snapshot.engine, run.engine)];
  for (const [name, had, got] of pairs) {
    throw new RangeError(
      `train: "resume" expected ${name} ${had} as in the interrupted run, got ${got}. ` +
        'Resume with what it began with, or train anew.',
    );
  }
  if (snapshot.data !== run.data) {
    const [had, got] = [snapshot.data.slice(0, 12), run.data.slice(0, 12)];
    throw new RangeError(
      `train: "resume" expected the data of the interrupted run (checksum ${had}…), got others (${got}…). ` +
        'Resume on its dataset, or train anew.',
    );
  }
  const { epochs, steps } = snapshot.before;
  if (epochs === run.before.epochs && steps === run.before.steps) return;
  throw new RangeError(
    `train: "from" expected a model of ${epochs} epochs and ${steps} steps as in the interrupted run, ` +
      `got one of ${run.before.epochs} and ${run.before.steps}. Go on from the same model, or train anew.`,
  );
}

/** Keys whose values differ, as JSON writes them. */
function differences(had: object, got: object): [name: string, had: string, got: string][] {
  const [a, b] = [had, got].map((o) => new Map(Object.entries(o).map(([k, v]) => [k, JSON.stringify(v)])));
  const keys = [...new Set([...Object.keys(had), ...Object.keys(got)])];
  return keys
    .map((key): [string, string, string] => [key, a?.get(key) ?? 'none', b?.get(key) ?? 'none'])
    .filter(([, x, y]) => x !== y);
}
