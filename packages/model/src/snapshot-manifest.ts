import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ModelError } from './model-error.ts';
import type { SnapshotTensor, TrainingSnapshot } from './training-snapshot.ts';

const FORMAT = 'gru4rec-snapshot';
const VERSION = 1;

/** A tensor of the file of values: they lie there one behind the other, little-endian. */
export interface TensorRecord extends Omit<SnapshotTensor, 'values'> {
  readonly type: 'float32' | 'float64';
}

/** snapshot.json of a snapshot folder. */
export interface SnapshotManifest
  extends Omit<TrainingSnapshot, 'config' | 'itemIds' | 'stopping' | 'tensors'> {
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
  readonly tensors: readonly TensorRecord[];
  /** SHA-256 of each other file, in hexadecimal digits. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 of this object without this key. */
  readonly checksum: string;
}

const count = z.int().nonnegative();
const fact = z.union([z.string(), z.number(), z.boolean()]);
const validation = z.object({ recall: z.number(), mrr: z.number(), ndcg: z.number() });

const epochRecord = z.object({
  epoch: z.int().positive(),
  loss: z.number(),
  seconds: z.number(),
  steps: count,
  events: count,
  stepsPerSecond: z.number(),
  eventsPerSecond: z.number(),
  validation: validation.exactOptional(),
  kept: z.literal(true).exactOptional(),
});

const tensorRecord = z.object({
  name: z.string(),
  kind: z.enum(['parameter', 'table', 'slot', 'state', 'constant']),
  type: z.enum(['float32', 'float64']),
  rows: z.int().positive(),
  cols: z.int().positive(),
});

const manifest = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  config: z.record(z.string(), z.unknown()),
  data: z.string(),
  engine: z.record(z.string(), fact),
  before: z.object({ epochs: count, steps: count }),
  history: z.array(epochRecord),
  steps: count,
  epoch: z.object({
    epoch: z.int().positive(),
    steps: count,
    events: count,
    lossSum: z.number(),
    seconds: z.number(),
  }),
  lastFiniteLoss: z.number().optional(),
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
  tensors: z.array(tensorRecord),
  files: z.record(z.string(), z.string()),
  checksum: z.string(),
});

/** SHA-256 in hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The bytes of snapshot.json. */
export function snapshotManifest(
  { itemIds: _, tensors, stopping, ...rest }: TrainingSnapshot,
  files: Readonly<Record<string, string>>,
): Uint8Array {
  const best = stopping?.best && { ...stopping.best, tensors: stopping.best.tensors.map(recordOf) };
  const content = {
    format: FORMAT,
    version: VERSION,
    ...rest,
    ...(stopping ? { stopping: { ...stopping, best } } : {}),
    tensors: tensors.map(recordOf),
    files,
  };
  const checksum = sha256(JSON.stringify(content));
  return new TextEncoder().encode(`${JSON.stringify({ ...content, checksum }, null, 2)}\n`);
}

function recordOf({ name, kind, rows, cols, values }: SnapshotTensor): TensorRecord {
  return { name, kind, type: values instanceof Float64Array ? 'float64' : 'float32', rows, cols };
}

/**
 * Checks the text of snapshot.json.
 * @throws ModelError if it is not the manifest of a snapshot, of another version, or altered.
 */
export function parseSnapshotManifest(file: string, text: string): SnapshotManifest {
  const value = parseJson(file, text);
  if (value?.['format'] !== FORMAT) {
    throw new ModelError(file, `is not a snapshot of training: "format" expected ${FORMAT}`);
  }
  if (value['version'] !== VERSION) {
    throw new ModelError(
      file,
      `has format version ${value['version']}; this program reads ${VERSION}. Use the release that wrote it`,
    );
  }
  const { checksum, ...content } = value;
  if (sha256(JSON.stringify(content)) !== checksum) {
    throw new ModelError(file, 'differs from its own checksum: it was altered');
  }
  const result = manifest.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ModelError(file, `"${issue?.path.join('.')}" is not as training writes it: ${issue?.message}`);
}

function parseJson(file: string, text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(file, 'is not JSON: it is truncated or was altered', { cause });
  }
}
