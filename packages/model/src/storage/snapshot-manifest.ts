import { z } from 'zod';
import { historySchema } from '../training/epoch-record.ts';
import type { TrainingSnapshot } from '../training/training-snapshot.ts';
import { parseManifest, sealManifest } from './manifest.ts';
import type { SnapshotTensor } from './stored-tensor.ts';

const FORMAT = 'gru4rec-snapshot';
const VERSION = 2;

/** A tensor in the file of values. */
export interface TensorRecord extends Omit<SnapshotTensor, 'values'> {
  readonly type: 'F32' | 'F64';
}

/** snapshot.json of a checkpoint folder. */
export interface SnapshotManifest
  extends Omit<TrainingSnapshot, 'config' | 'itemIds' | 'stopping' | 'average' | 'tensors'> {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly config: Readonly<Record<string, unknown>>;
  readonly stopping?:
    | {
        readonly epochsSince: number;
        readonly best?:
          | { readonly epoch: number; readonly value: number; readonly tensors: readonly TensorRecord[] }
          | undefined;
      }
    | undefined;
  readonly average?: { readonly epochs: number; readonly tensors: readonly TensorRecord[] } | undefined;
  readonly tensors: readonly TensorRecord[];
  /** SHA-256 of the other files, in hexadecimal digits. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 of this object without this key. */
  readonly checksum: string;
}

const count = z.int().nonnegative();
const fact = z.union([z.string(), z.number(), z.boolean()], 'expected a string, a number, true or false');

const tensorRecord = z.object({
  name: z.string(),
  kind: z.enum(['parameter', 'table', 'slot', 'state', 'constant']),
  type: z.enum(['F32', 'F64']),
  rows: z.int().positive(),
  cols: z.int().positive(),
});

const fields = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  config: z.record(z.string(), z.unknown()),
  data: z.string(),
  engine: z.record(z.string(), fact),
  before: z.object({ epochs: count, steps: count }),
  history: historySchema,
  steps: count,
  epoch: z.object({
    epoch: z.int().positive(),
    steps: count,
    events: count,
    lossSum: z.number(),
    seconds: z.number(),
  }),
  lastFiniteLoss: z.number().optional(),
  zeroLoss: z.object({ steps: count, events: count, lossSum: z.number() }),
  batcher: z.object({
    epoch: count,
    step: count,
    nextSession: count,
    slots: z.array(z.object({ session: count, event: count }).nullable()),
  }),
  stopping: z
    .object({
      epochsSince: count,
      best: z.object({ epoch: count, value: z.number(), tensors: z.array(tensorRecord) }).optional(),
    })
    .optional(),
  average: z.object({ epochs: z.int().positive(), tensors: z.array(tensorRecord) }).optional(),
  tensors: z.array(tensorRecord),
  files: z.record(z.string(), z.string()),
  checksum: z.string(),
});

type Fields = z.output<typeof fields>;

/** The schema, with the checks that compare keys. */
const manifest = fields.superRefine((value, context) => {
  for (const { path, expected } of contradictions(value)) {
    context.addIssue({ code: 'custom', path, message: `expected ${expected}` });
  }
});

interface Contradiction {
  readonly path: (string | number)[];
  readonly expected: string;
}

function contradictions({
  history,
  before,
  steps,
  epoch,
  batcher,
  stopping,
  average,
  tensors,
}: Fields): Contradiction[] {
  const found: Contradiction[] = [];
  const check = (isSo: boolean, path: (string | number)[], expected: string) => {
    if (!isSo) found.push({ path, expected });
  };
  const stepsOf = (records: Fields['history']) => records.reduce((sum, record) => sum + record.steps, 0);
  const earlier = stepsOf(history.slice(0, before.epochs));
  const here = stepsOf(history.slice(before.epochs)) + epoch.steps;
  check(before.epochs <= history.length, ['before', 'epochs'], `${history.length} at most, as in "history"`);
  check(before.steps === earlier, ['before', 'steps'], `${earlier}, as in "history"`);
  check(steps === here, ['steps'], `${here}, as in "history" and "epoch"`);
  check(epoch.epoch === history.length + 1, ['epoch', 'epoch'], `${history.length + 1}, after "history"`);
  check(batcher.epoch === epoch.epoch - 1, ['batcher', 'epoch'], `${epoch.epoch - 1}, as in "epoch"`);
  const best = stopping?.best;
  if (best) {
    check(best.epoch <= history.length, ['stopping', 'best', 'epoch'], `an epoch of "history"`);
    const same = haveShapes(best.tensors, tensors.filter(isKept));
    check(same, ['stopping', 'best', 'tensors'], 'those of "tensors" except states');
  }
  if (average) {
    const ended = history.length - before.epochs;
    // One more where the epoch's validation was interrupted.
    const fits = average.epochs === ended || average.epochs === ended + 1;
    check(fits, ['average', 'epochs'], `${ended} or ${ended + 1}, as in "history"`);
    const same = haveShapes(average.tensors, tensors.filter(isAveraged));
    check(same, ['average', 'tensors'], 'the parameters and tables of "tensors"');
  }
  return found;
}

function haveShapes(given: readonly TensorRecord[], expected: readonly TensorRecord[]): boolean {
  return JSON.stringify(given.map(shapeOf)) === JSON.stringify(expected.map(shapeOf));
}

const isKept = ({ kind }: TensorRecord): boolean => kind !== 'state' && kind !== 'constant';
const isAveraged = ({ kind }: TensorRecord): boolean => kind === 'parameter' || kind === 'table';

function shapeOf({ name, kind, rows, cols }: TensorRecord): unknown {
  return [name, kind, rows, cols];
}

/** The bytes of snapshot.json. */
export function snapshotManifest(
  { itemIds: _, tensors, stopping, average, ...rest }: TrainingSnapshot,
  files: Readonly<Record<string, string>>,
): Uint8Array {
  const best = stopping?.best && { ...stopping.best, tensors: stopping.best.tensors.map(recordOf) };
  return sealManifest({
    format: FORMAT,
    version: VERSION,
    ...rest,
    ...(stopping ? { stopping: { ...stopping, best } } : {}),
    ...(average ? { average: { ...average, tensors: average.tensors.map(recordOf) } } : {}),
    tensors: tensors.map(recordOf),
    files,
  });
}

function recordOf({ name, kind, rows, cols, values }: SnapshotTensor): TensorRecord {
  return { name, kind, type: values instanceof Float64Array ? 'F64' : 'F32', rows, cols };
}

/**
 * Checks the text of snapshot.json.
 * @throws ModelError if it is not the manifest of a snapshot, of another version, or altered.
 */
export function parseSnapshotManifest(file: string, text: string): SnapshotManifest {
  const kind = { format: FORMAT, version: VERSION, name: 'a snapshot of training', schema: manifest };
  return parseManifest(file, text, kind);
}
