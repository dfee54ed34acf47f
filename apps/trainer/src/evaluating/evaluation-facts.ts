import {
  type Evaluation,
  type EvaluationFacts,
  endedBefore,
  type SplitOverlap,
  startedAfter,
} from '@gru4rec/metrics';
import type { OpenedDataset, SessionDataset, SessionTable, StreamedSplit } from '@gru4rec/sessions';

/** A split that can be evaluated. */
export type HeldOut = 'test' | 'validation';

/** What a dataset says of an evaluation. */
export type DatasetFacts = Pick<EvaluationFacts, 'split' | 'repeatsRemoved'>;

/** What a dataset says of an evaluation of one of its splits. */
export function datasetFacts(dataset: SessionDataset, split: HeldOut, sessions: SessionTable): DatasetFacts {
  return { split: { train: dataset.train, test: sessions }, repeatsRemoved: repeatsRemoved(dataset, split) };
}

/** The same of a dataset on disk; times are read again only where the splits overlap. */
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
    inside += endedBefore(await test.readTimes(index), train.lastStart);
  }
  for (const index of train.blocks.keys()) {
    after += startedAfter(await train.readTimes(index), test.firstEnd);
  }
  return { inside, testSessions: sessionsIn(test), after, trainSessions: sessionsIn(train) };
}

/** Sessions of a split on disk. */
export function sessionsIn({ blocks }: StreamedSplit): number {
  return blocks.reduce((sum, { sessions }) => sum + sessions, 0);
}

/** @throws Error if the dataset lacks the split. */
export function splitOf<Split>(
  dataset: { readonly [name in HeldOut]?: Split },
  { data, split }: { readonly data: string; readonly split: HeldOut },
): Split {
  const table = dataset[split];
  if (table) return table;
  const wanted = split === 'test' ? '--test-input or --test-days' : '--validation-days';
  throw new Error(`The dataset ${data} has no ${split} split. Prepare it with ${wanted}`);
}

/**
 * How many items share the score of each target that a list of `cutoff` items can hold by some tie rule; 1 for the
 * others: that items nobody would be shown are tied, as a baseline's long tail always is, makes no difference.
 */
export function tiedTargets(
  { ranks, tieRule }: Pick<Evaluation, 'ranks' | 'tieRule'>,
  cutoff: number,
): Int32Array {
  if (!ranks) return new Int32Array(0);
  const { rank, equal } = ranks;
  return equal.map((count, prediction) => {
    const ahead = { standard: 0, median: (count - 1) / 2, conservative: count - 1 }[tieRule];
    return (rank[prediction] ?? 0) - ahead <= cutoff ? count : 1;
  });
}

/** Checksum of the file of a split. */
export function splitChecksum({ manifest }: Pick<SessionDataset, 'manifest'>, split: HeldOut): string {
  return manifest.files[`${split}.arrow`]?.sha256 ?? '';
}

/** Events that preparation removed as repeats, as its funnel tells. */
function repeatsRemoved({ manifest }: Pick<SessionDataset, 'manifest'>, split: HeldOut): number {
  const { preparation } = manifest;
  if (!isRecord(preparation) || !Array.isArray(preparation['funnel'])) return 0;
  return preparation['funnel']
    .filter(isRecord)
    .filter(({ step, split: of }) => step === REPEATS_STEP && (of === split || of === 'all'))
    .reduce(
      (sum, { removedEvents }) => sum + (Number.isSafeInteger(removedEvents) ? Number(removedEvents) : 0),
      0,
    );
}

/** As prepare writes it. */
const REPEATS_STEP = 'repeats of the item before';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
