import { basename } from 'node:path';
import type { SessionDataset } from '@gru4rec/dataset';
import type { Scorer } from '@gru4rec/metrics';
import { Gru4Rec, type StoredModel } from '@gru4rec/model';
import { bytesOf, indicesIn, type Kind, MIB, type Named, tunedOn } from './kind.ts';

export interface TrainedContender extends Named<'trained'> {
  readonly folder: string;
}

export const trained: Kind<TrainedContender> = {
  parse: (text, isFolder) => (isFolder(text) ? { kind: 'trained', text, folder: text } : undefined),
  title: ({ folder }) => `GRU4Rec ${basename(folder)}`,
  isSeeded: () => false,
  async check({ text, folder }, { dataset, files, anyData }) {
    checkTrained(await files.readModel(folder), text, { data: dataset, anyData });
  },
  async fit(contender, { dataset, engine, files, anyData }) {
    const stored = await files.readModel(contender.folder);
    const warning = checkTrained(stored, contender.text, { data: dataset, anyData });
    const { config, history } = stored;
    const model = new Gru4Rec({ ...stored, engine });
    return {
      scorer: { ...trainedScorer(model, dataset), name: this.title(contender) },
      recommender: model,
      options: { ...config },
      fitSeconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
      memoryMiB: bytesOf(stored) / MIB,
      history,
      tunedOn: tunedOn(config, dataset),
      trained: { dataset: stored.dataset },
      warning,
    };
  },
};

type Items = Pick<SessionDataset, 'itemIds' | 'manifest' | 'directory' | 'contextColumns'>;

/** @returns a warning if another dataset is allowed. */
function checkTrained(
  { itemIds, dataset: trainedOn }: Pick<StoredModel, 'itemIds' | 'dataset'>,
  name: string,
  { data, anyData }: { readonly data: Items; readonly anyData: boolean },
): string | undefined {
  const known = new Set(itemIds);
  const unknown = [...data.itemIds].filter((id) => !known.has(id));
  if (unknown.length > 0) {
    throw new Error(
      `--models ${name} expected a model that knows the items of ${data.directory}: it does not know ${unknown.length} of ` +
        `${data.itemIds.length}, the first being ${JSON.stringify(unknown[0])}. Compare on the dataset that it was trained on, ` +
        'or continue its training on this one',
    );
  }
  if (trainedOn?.checksum === data.manifest.checksum) return undefined;
  const of = trainedOn
    ? `${trainedOn.directory} (checksum ${short(trainedOn.checksum)})`
    : 'an unknown dataset';
  const other = `was trained on ${of}, not on ${data.directory} (${short(data.manifest.checksum)})`;
  if (anyData) return `${name} ${other}: its training may contain the sessions that it is evaluated on.`;
  throw new Error(
    `--models ${name} ${other}, so its training may contain the sessions to evaluate on. ` +
      'Compare on its dataset, or add --any-data if you know that it does not',
  );
}

function short(checksum: string): string {
  return `${checksum.slice(0, 12)}…`;
}

/** Ranks the items of a dataset, in its order, without those that only the model knows. */
export function trainedScorer(model: Gru4Rec, data: Pick<Items, 'itemIds' | 'contextColumns'>): Scorer {
  const toModel = indicesIn(model, data.itemIds);
  const scorer = model.scorer(data.contextColumns);
  const same = toModel.length === scorer.itemCount && toModel.every((index, item) => index === item);
  return same ? scorer : reorder(scorer, toModel);
}

/** @param toScorer - [I] index of the scorer's item for each item. */
function reorder(scorer: Scorer, toScorer: Int32Array): Scorer {
  const itemCount = toScorer.length;
  return {
    name: scorer.name,
    itemCount,
    open(slots) {
      const session = scorer.open(slots);
      const scores = new Float64Array(slots * itemCount);
      return {
        step(input, resetMask, context) {
          const translated = input.map((item) => (item < 0 ? -1 : (toScorer[item] ?? -1)));
          const all = session.step(translated, resetMask, context);
          for (let slot = 0; slot < slots; slot++) {
            for (let item = 0; item < itemCount; item++) {
              const from = slot * scorer.itemCount + (toScorer[item] ?? 0);
              scores[slot * itemCount + item] = all[from] ?? Number.NaN;
            }
          }
          return scores;
        },
        close: () => session.close(),
      };
    },
  };
}
