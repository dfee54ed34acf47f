import type { OpenedDataset, SessionDataset, SessionTable, StreamedSplit } from '@gru4rec/dataset';
import {
  type EvaluationFacts,
  endedBefore,
  type SessionArrays,
  type SplitOverlap,
  sampleSessions,
  startedAfter,
} from '@gru4rec/metrics';

/** A split to evaluate on. */
export type HeldOut = 'test' | 'validation';

export type DatasetFacts = Pick<EvaluationFacts, 'split' | 'repeatsRemoved'>;

export function datasetFacts(dataset: SessionDataset, split: HeldOut, sessions: SessionTable): DatasetFacts {
  return { split: { train: dataset.train, test: sessions }, repeatsRemoved: repeatsRemoved(dataset, split) };
}

/** Times are read only if the splits overlap. */
export async function streamedFacts(
  dataset: OpenedDataset,
  split: HeldOut,
  sessions: StreamedSplit,
): Promise<DatasetFacts> {
  const facts = { repeatsRemoved: repeatsRemoved(dataset, split) };
  if (!(sessions.firstEnd < dataset.train.lastStart)) return facts;
  return { ...facts, split: await overlapOf(dataset.train, sessions) };
}

async function overlapOf(train: StreamedSplit, test: StreamedSplit): Promise<SplitOverlap> {
  let [inside, after] = [0, 0];
  for (const index of test.blocks.keys()) {
    inside += endedBefore(await test.read(index), train.lastStart);
  }
  for (const index of train.blocks.keys()) {
    after += startedAfter(await train.read(index), test.firstEnd);
  }
  return { inside, testSessions: sessionsIn(test), after, trainSessions: sessionsIn(train) };
}

export function sessionsIn({ blocks }: StreamedSplit): number {
  return blocks.reduce((sum, { sessions }) => sum + sessions, 0);
}

export function splitOf<Split>(
  dataset: { readonly [name in HeldOut]?: Split | undefined },
  { data, split }: { readonly data: string; readonly split: HeldOut },
): Split {
  const table = dataset[split];
  if (table) return table;
  const wanted = split === 'test' ? '--test' : '--validation';
  throw new Error(`The dataset ${data} has no ${split} split. Prepare it with ${wanted}`);
}

export function splitChecksum({ manifest }: Pick<SessionDataset, 'manifest'>, split: HeldOut): string {
  return manifest.files[`${split}.arrow`]?.sha256 ?? '';
}

function repeatsRemoved({ manifest }: Pick<SessionDataset, 'manifest'>, split: HeldOut): number {
  const { preparation } = manifest;
  if (!isRecord(preparation) || !Array.isArray(preparation['funnel'])) return 0;
  return preparation['funnel']
    .filter(isRecord)
    .filter(({ step, split: of }) => step === REPEATS_STEP && (of === split || of === 'all'))
    .reduce((sum, { removedEvents }) => sum + Number(removedEvents), 0);
}

const REPEATS_STEP = 'repeats of the item before';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Size of a sample: a number of sessions, or a share in (0, 1]. */
export type SampleSize = { readonly sessions: number } | { readonly share: number };

/** Description of a sample, to be shown with figures. */
export interface SampleFacts {
  readonly sessions: number;
  readonly of: number;
  readonly seed: number;
}

export interface Sampled {
  readonly sessions: SessionArrays;
  readonly sample?: SampleFacts;
}

/** Size of a sample. */
export interface SampleSettings {
  readonly sample?: SampleSize | undefined;
}

/** All sessions without a size, or if the sample would not be smaller. */
export function drawSample(sessions: SessionArrays, settings: SampleSettings): Sampled {
  const sample = sampleOf(sessions.sessionOffsets.length - 1, settings);
  if (sample === undefined) return { sessions };
  return { sessions: sampleSessions(sessions, { size: sample.sessions, seed: sample.seed }), sample };
}

/** Every sample of a split has the same sessions. */
const SEED = 1;

/** Undefined without a size, or if the sample would not be smaller. */
export function sampleOf(of: number, { sample }: SampleSettings): SampleFacts | undefined {
  if (sample === undefined) return undefined;
  const size = 'share' in sample ? Math.max(1, Math.round(sample.share * of)) : sample.sessions;
  return size < of ? { sessions: size, of, seed: SEED } : undefined;
}

/** `sample of 500 of 3,416 sessions, seed 1` */
export function describeSample({ sessions, of, seed }: SampleFacts): string {
  const [size, all] = [sessions, of].map((value) => value.toLocaleString('en-US'));
  return `sample of ${size} of ${all} sessions, seed ${seed}`;
}
