import type { RunIdentity, TrainingSnapshot } from './training-snapshot.ts';

/**
 * Checks that a snapshot was taken of this run. Another run would end with other parameters.
 *
 * @param anyEngine - whether engine and engine facts may differ; the result then differs as with another seed.
 * @throws RangeError naming what differs: a key of the configuration, an engine fact, the data, or the model before.
 */
export function checkResumed(snapshot: TrainingSnapshot, run: RunIdentity, anyEngine = false): void {
  refuse(differences(snapshot.config, run.config), '');
  if (!anyEngine) {
    const how = 'resume on any engine and number of threads (option "anyEngine"), ';
    refuse(differences(snapshot.engine, run.engine), how);
  }
  if (snapshot.data !== run.data) {
    const [had, got] = [snapshot.data.slice(0, 12), run.data.slice(0, 12)];
    throw new RangeError(
      `train: "resume" expected the data of the interrupted run (checksum ${had}…), got other data (${got}…). ` +
        'Resume on its dataset, with the release that started it, or train from the start.',
    );
  }
  const { epochs, steps } = snapshot.before;
  if (epochs === run.before.epochs && steps === run.before.steps) return;
  throw new RangeError(
    `train: "from" expected a model of ${epochs} epochs and ${steps} steps as in the interrupted run, ` +
      `got one of ${run.before.epochs} and ${run.before.steps}. Continue the same model, or train from the start.`,
  );
}

function refuse([first]: readonly Difference[], orElse: string): void {
  if (!first) return;
  const [name, had, got] = first;
  throw new RangeError(
    `train: "resume" expected ${name} ${had} as in the interrupted run, got ${got}. ` +
      `Resume with the same arguments, ${orElse}or train from the start.`,
  );
}

type Difference = readonly [name: string, had: string, got: string];

/** Keys whose values differ, with both values as JSON. */
function differences(had: object, got: object): Difference[] {
  const [a, b] = [had, got].map((o) => new Map(Object.entries(o).map(([k, v]) => [k, JSON.stringify(v)])));
  const keys = [...new Set([...Object.keys(had), ...Object.keys(got)])];
  return keys
    .map((key): Difference => [key, a?.get(key) ?? 'none', b?.get(key) ?? 'none'])
    .filter(([, x, y]) => x !== y);
}
