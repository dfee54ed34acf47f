import type { Baseline } from '@gru4rec/baselines';
import { UsageError } from '@gru4rec/checks';
import { readItemInfo, type SessionDataset } from '@gru4rec/dataset';
import type { Evaluation } from '@gru4rec/metrics';
import { countRecentClicks, type DatasetReference, type Gru4Rec, type StoredModel } from '@gru4rec/model';
import { saveRecommender } from '@gru4rec/recommender';
import { type Contender, nameContenders } from './contenders/contender.ts';

/** What to keep of a comparison. */
export interface KeepSettings {
  /** `best`, or a contender by its name in the table or as it was given. */
  readonly contender: string;
  /** Created, or replaced if it holds a model or a recommender. */
  readonly directory: string;
}

const KEEP_BEST = 'best';

export interface KeptRun {
  readonly name: string;
  readonly recommender: Gru4Rec | Baseline | undefined;
  readonly tunedOn: readonly string[];
  /** What a trained model was trained on, in place of the dataset of the comparison. */
  readonly trained?: Pick<StoredModel, 'dataset'> | undefined;
}

/**
 * The names of the contenders that may be kept.
 * @throws UsageError if there is none, or one is of the caller, which a folder cannot hold.
 */
export function namesToKeep(contender: string, contenders: readonly Contender[]): readonly string[] {
  const names = namesOf(contender, contenders);
  const all = nameContenders(contenders);
  const kept = contenders.filter((_, at) => names.includes(all[at] ?? ''));
  const unsaved = kept.find(({ kind }) => kind === 'own');
  if (!unsaved) return names;
  throw new UsageError(
    `--keep expected a baseline or a GRU4Rec, got ${unsaved.text}, which a folder cannot hold`,
  );
}

function namesOf(contender: string, contenders: readonly Contender[]): readonly string[] {
  const names = nameContenders(contenders);
  if (contender === KEEP_BEST) return names;
  const place = contenders.findIndex(({ text }, at) => text === contender || names[at] === contender);
  const name = names[place];
  if (name !== undefined) return [name];
  const known = [KEEP_BEST, ...contenders.map(({ text }) => text)].join(', ');
  throw new UsageError(`--keep expected one of ${known}, got ${JSON.stringify(contender)}`);
}

type Kept = KeptRun & { readonly recommender: Gru4Rec | Baseline };

export class Keeper {
  readonly #names: readonly string[];
  readonly #place: number;
  #best: (Kept & { readonly mrr: number }) | undefined;

  /** @param place - index of the cutoff whose MRR says which run is best. */
  constructor(names: readonly string[], place: number) {
    this.#names = names;
    this.#place = place;
  }

  offer({ name, recommender, tunedOn, trained }: KeptRun, { results }: Evaluation): void {
    const mrr = results[this.#place]?.mrr ?? 0;
    if (!recommender || !this.#names.includes(name) || (this.#best && this.#best.mrr >= mrr)) return;
    this.#best = { name, recommender, tunedOn, trained, mrr };
  }

  /** Writes the folder of the best run. @returns its name. */
  async save(dataset: SessionDataset, { directory }: KeepSettings): Promise<string> {
    if (!this.#best) throw new RangeError('keep: expected a run, got none');
    const { name, recommender, tunedOn, trained = { dataset: referenceTo(dataset) } } = this.#best;
    const { itemIds, manifest } = dataset;
    const itemInfo = await readItemInfo(dataset.directory, manifest);
    const content = {
      name,
      itemIds,
      recommender,
      tunedOn: [...new Set(tunedOn)],
      recentClicks: await countRecentClicks(dataset),
      dataset: trained.dataset,
    };
    await saveRecommender(content, directory, itemInfo ? { itemInfo } : {});
    return name;
  }
}

function referenceTo({ manifest, directory, train }: SessionDataset): DatasetReference {
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const time of train.times) lastMs = Math.max(lastMs, Number(time));
  return { checksum: manifest.checksum, directory, lastMs };
}
