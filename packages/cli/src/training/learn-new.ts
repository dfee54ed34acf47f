import { UsageError } from '@gru4rec/checks';
import type { SessionDataset, SessionTable } from '@gru4rec/dataset';
import { alignItems, countTrending, type Gru4Rec, isFresh, Learner, type LearnerClick } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { checkOutputFolder } from '../arguments/folders.ts';
import { readDataset } from '../arguments/read-inputs.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import { count } from '../terminal/progress.ts';
import { saveModel, type TrainRequest } from './train-and-save.ts';

/** The clicks after those it was trained on, once; the first of a session that goes on is predicted from the click before. */
export async function learnNew({
  args,
  terminal,
  engine,
  from,
  continued,
  learntToMs,
  data,
  output,
}: TrainRequest): Promise<void> {
  if (!from || continued === undefined)
    throw new UsageError('--new-only expected --continue MODEL with it, got none');
  if (args.resume) throw new UsageError('--new-only expected no --resume with it, got both');
  await checkOutputFolder(output, args.overwrite);
  if (learntToMs === undefined) {
    throw new Error(
      `--new-only expected a model that records its last click, got one that does not, at ${continued}. Train it once without --new-only.`,
    );
  }
  const dataset = await readDataset(data);
  if (isFresh(from.config)) {
    terminal.stderr.write(
      'The model goes on without the parts recent-clicks and age: its biases follow what is fresh\n',
    );
  }
  if (from.config.itemFeatures.length + from.config.itemVectors.length > 0) {
    terminal.stderr.write('The model goes on without features: each item keeps only its own row\n');
  }
  const stay = leaveOnSignal();
  try {
    const learnt = await learnLater(from, dataset, { engine, afterMs: learntToMs });
    if (learnt === undefined) {
      const time = new Date(learntToMs).toISOString();
      throw new Error(
        `--new-only expected clicks after ${time}, the last that the model learnt, got none, at ${data}.`,
      );
    }
    await saveModel(learnt.model, output, {
      data,
      manifest: dataset.manifest,
      continued,
      vectors: from.config.itemVectors,
      directory: args.data,
      lastMs: learnt.lastMs,
    });
    terminal.stderr.write(`${describeLearnt(learnt, from)}\n`);
  } finally {
    stay();
  }
}

export interface Learnt {
  readonly model: Gru4Rec;
  readonly pairs: number;
  readonly lastMs: number;
}

/** @returns undefined if no click is later. */
export async function learnLater(
  from: Gru4Rec,
  dataset: SessionDataset,
  { engine, afterMs }: { readonly engine: Engine; readonly afterMs: number },
): Promise<Learnt | undefined> {
  const { train, itemIds, contextColumns = [] } = dataset;
  const features = from.clicks?.translator(contextColumns)(train.context ?? new Int32Array());
  const idOf = (item: number) => itemIds.at(item) as string;
  const clicks = clicksAfter(train, afterMs, { idOf, features, perClick: from.clicks?.perClick ?? 0 });
  const last = clicks.at(-1);
  if (last === undefined) return undefined;
  const learner = new Learner(from, { engine });
  try {
    learner.learn(clicks);
    learner.flush();
    const model = learner.model();
    const { data } = alignItems(model.itemIds, dataset);
    model.trending = await countTrending({ itemIds: model.itemIds, train: data.train });
    return { model, pairs: learner.pairs, lastMs: last.timeMs };
  } finally {
    learner.dispose();
  }
}

export function describeLearnt({ model, pairs }: Learnt, from: Gru4Rec): string {
  const added = count(model.itemIds.length - from.itemIds.length, 'new item');
  return `Learnt ${count(pairs, 'pair')} of clicks and ${added} in ${model.history.at(-1)?.seconds.toFixed(1)} s`;
}

/** The clicks after a time, and of each session the click before its first one, in order of time. */
function clicksAfter(
  { sessionOffsets, items, times }: SessionTable,
  afterMs: number,
  about: {
    readonly idOf: (item: number) => string;
    readonly features: Int32Array | undefined;
    readonly perClick: number;
  },
): LearnerClick[] {
  const { idOf, perClick } = about;
  const clicks: LearnerClick[] = [];
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    const [start, end] = [sessionOffsets[session] as number, sessionOffsets[session + 1] as number];
    let first = start;
    while (first < end && Number(times[first]) <= afterMs) first++;
    if (first === end) continue;
    for (let at = Math.max(start, first - 1); at < end; at++) {
      const features = about.features?.subarray(at * perClick, (at + 1) * perClick);
      const click = { session: String(session), item: idOf(items[at] as number), features };
      clicks.push({ ...click, timeMs: Number(times[at]) });
    }
  }
  return clicks.sort((a, b) => a.timeMs - b.timeMs);
}
