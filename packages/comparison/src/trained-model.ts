import type { Scorer } from '@gru4rec/metrics';
import { Gru4Rec, type StoredModel } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import type { SessionDataset } from '@gru4rec/sessions';

/** What a trained model is checked against. */
type Items = Pick<SessionDataset, 'itemIds' | 'manifest' | 'directory' | 'contextColumns'>;

/** How models that were trained on another dataset are treated. */
export interface DataRule {
  /** Whether they are compared all the same, with a warning. */
  readonly anyData: boolean;
}

/**
 * Checks that a trained model can be compared on a dataset.
 *
 * @param name - of the model folder, for messages.
 * @returns a warning if it was trained on another dataset, and `anyData` allows it.
 * @throws Error if it was trained on another dataset, which may contain the sessions to evaluate on, or does not know an
 *   item.
 */
export function checkTrained(
  { itemIds, dataset: trainedOn }: Pick<StoredModel, 'itemIds' | 'dataset'>,
  name: string,
  { data, anyData }: DataRule & { readonly data: Items },
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

/**
 * A scorer of a trained model for the items of a dataset, in the order of the dataset. A model that knows more items is
 * ranked among those of the dataset only, like all others that are compared.
 *
 * @param stored - as `checkTrained` accepts.
 */
export function trainedScorer(
  stored: StoredModel,
  data: Pick<Items, 'itemIds' | 'contextColumns'>,
  engine: Engine,
): Scorer {
  const model = new Gru4Rec({ ...stored, engine });
  const toModel = Int32Array.from(data.itemIds, (id) => model.itemIndex(id) ?? -1);
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
          const own = input.map((item) => (item < 0 ? -1 : (toScorer[item] ?? -1)));
          const all = session.step(own, resetMask, context);
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
