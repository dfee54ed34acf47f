import { anything, checkOptions, required } from '@gru4rec/checks';
import type { Scorer } from '@gru4rec/metrics';
import type { Engine, Program } from '@gru4rec/program';
import { readModel, saveModel } from '#storage';
import type { ModelConfig } from './config.ts';
import { LiveEngine } from './live/live-engine.ts';
import { LiveRecommender } from './live/live-sessions.ts';
import { type Probing, probeLists } from './live/probing.ts';
import { AlikeScores, type ListStart, type RelatedKind, togetherWith } from './live/related.ts';
import type { EarlierPart } from './parts/earlier.ts';
import { Freshness, freshVariables, isFresh } from './parts/freshness.ts';
import type { PartName } from './parts/registry.ts';
import { SessionParts } from './parts/session-parts.ts';
import { type ClickColumn, ClickEncoder, clickShape } from './programs/click-features.ts';
import { loadPrograms, Scoring } from './scoring.ts';
import type { SaveInfo, StoredModel } from './storage/stored-model.ts';
import { type StoredTensor, valuesOf } from './storage/tensors.ts';
import { type ReadOptions, readChecks } from './storage/web-model.ts';
import type { EpochRecord } from './training/epoch-record.ts';

/** The parts of a model, and the engine that runs it. */
export interface ModelParts extends StoredModel {
  readonly engine: Engine;
  /** A model that is not used any more. If only values differ and there is room for the items, its engine memory is written again. */
  readonly before?: Gru4Rec | undefined;
}

/** Orders items that parts leave equal, as good as no others. */
const TIE = 1e-5;

/** A trained GRU4Rec. */
export class Gru4Rec extends LiveRecommender {
  readonly config: ModelConfig;
  readonly history: readonly EpochRecord[];
  readonly tensors: readonly StoredTensor[];
  readonly vocabulary: StoredModel['vocabulary'];
  readonly clickVocabulary: StoredModel['clickVocabulary'];
  readonly #engine: Engine;
  readonly #live: LiveEngine;
  readonly #freshness: Freshness | undefined;
  #alike: AlikeScores | undefined;
  #bias: Float32Array | undefined;
  #momentMs = Number.NEGATIVE_INFINITY;

  /** A model with `clickFeatures` but without `clickVocabulary` can be trained further. It throws a RangeError when it scores. */
  constructor(parts: ModelParts) {
    const { config, itemIds, tensors, clickVocabulary, engine, before } = parts;
    const passedOn = before && Gru4Rec.#passOn(before, parts);
    const options = { config, itemCount: itemIds.length, tensors };
    const clicks = clickVocabulary && clickShape(clickVocabulary);
    const load = (programs: readonly Program[]) => {
      checkClickVocabulary(parts);
      return engine.load(programs);
    };
    const live = passedOn ?? new LiveEngine({ ...options, clicks, load });
    super({ ...parts, live, clicks: clickVocabulary && new ClickEncoder(clickVocabulary) });
    this.config = config;
    this.history = parts.history;
    this.tensors = tensors;
    this.vocabulary = parts.vocabulary;
    this.clickVocabulary = clickVocabulary;
    this.#engine = engine;
    this.#live = live;
    if (isFresh(config)) this.#freshness = new Freshness(config, itemIds.length, tensors);
  }

  static #passOn(
    before: Gru4Rec,
    { config, clickVocabulary, itemIds, tensors }: ModelParts,
  ): LiveEngine | undefined {
    const programs = JSON.stringify([config, clickVocabulary]);
    const isSame = programs === JSON.stringify([before.config, before.clickVocabulary]);
    before.#alike?.dispose();
    if (isSame && before.#live.use({ itemCount: itemIds.length, tensors })) return before.#live;
    before.dispose();
    return undefined;
  }

  /** Time of the last click that was counted for the freshness of items, in milliseconds since 1970 UTC; else undefined. */
  get lastClickMs(): number | undefined {
    return this.#freshness?.nowMs;
  }

  /** What the items of a visitor's earlier sessions do; undefined if nothing, as chosen or without visitors in training. */
  get earlier(): EarlierPart | undefined {
    const fitted = this.history.findLast(({ earlier }) => earlier)?.earlier;
    return fitted && fitted.fed + fitted.later > 0 ? fitted : undefined;
  }

  /** Whether scores depend on the freshness of items: not with weights of 0, which a fit may give. */
  get isFresh(): boolean {
    return (
      this.#freshness !== undefined &&
      valuesOf(this.tensors, freshVariables.weights).some((weight) => weight !== 0)
    );
  }

  /**
   * Counts a click on an item for its freshness; without freshness, nothing. Scores change with the next `renew`.
   * @param timeMs - since 1970 UTC.
   */
  observe(item: number, timeMs: number): void {
    this.#freshness?.observe(item, timeMs);
  }

  /**
   * Scores with the freshness of items at a moment from now on, also in live sessions. Scorers that are open keep theirs. Without
   * it, the freshness is that of the last click of training. A model without freshness stays as it is.
   * @param timeMs - milliseconds since 1970 UTC; the last click's time if it is earlier.
   */
  renew(timeMs: number): void {
    if (!this.#freshness || !this.isFresh) return;
    this.#momentMs = timeMs;
    this.#bias = this.#biasOf(this.config.parts);
    this.#live.useBias(this.#bias);
  }

  /**
   * A scorer of many parallel sessions, for `evaluate`.
   * @param contextColumns - what the context of the sessions means, such as `contextColumns` of a dataset; read only with
   *   `clickFeatures`.
   * @param options - `parts`: those of the model that scores are the sum of, with their weights as they are. Without the network,
   *   recent clicks order items of equal scores.
   * @returns a scorer whose `open` throws a RangeError naming a column of `clickFeatures` that is not among them.
   */
  scorer(
    contextColumns: readonly ClickColumn[] = [],
    { parts = this.config.parts }: { readonly parts?: readonly PartName[] } = {},
  ): Scorer {
    checkClickVocabulary(this);
    const { parts: all } = this.config;
    const lacking = parts.find((name) => !all.includes(name));
    if (lacking) throw new RangeError(`scorer: "parts" expected any of ${all.join(', ')}, got ${lacking}.`);
    const config = { ...this.config, parts };
    const { itemIds, clickVocabulary } = this;
    const clicks = clickVocabulary && clickShape(clickVocabulary);
    const translator = () => clickVocabulary && new ClickEncoder(clickVocabulary).translator(contextColumns);
    const engine = this.#engine;
    const bias = parts === all ? this.#bias : this.#biasOf(parts);
    const biases = isFresh(config) ? freshVariables.bias : 'by';
    const tensors = this.tensors.map((tensor) =>
      bias && tensor.name === biases ? { ...tensor, values: bias } : tensor,
    );
    return {
      name: 'GRU4Rec',
      itemCount: itemIds.length,
      open: (slots) =>
        new Scoring({
          config,
          itemCount: itemIds.length,
          slots,
          clicks,
          translate: translator(),
          parts: SessionParts.open(config, tensors, itemIds.length),
          fresh: isFresh(config),
          load: (program) => loadPrograms(engine, [program], tensors),
        }),
    };
  }

  #biasOf(parts: readonly PartName[]): Float32Array {
    const by = valuesOf(this.tensors, 'by');
    const order = this.recentClicks?.map(Math.log1p) ?? by;
    const network = parts.includes('network') ? by : order.map((value) => TIE * value);
    if (!this.#freshness || !isFresh({ parts })) return network;
    const weights = valuesOf(this.tensors, freshVariables.weights);
    return this.#freshness.biasAt(this.#momentMs, network, weights, parts);
  }

  /**
   * What each part adds to the scores of items after the clicks of a session; as `moment`, `recent-clicks` and `age` together. They
   * add up to the scores before `finalAct`. Unknown ids are skipped.
   */
  explain(session: readonly string[], itemIds: readonly string[]): Record<string, number>[] {
    const known = (ids: readonly string[]) => ids.flatMap((id) => this.itemIndex(id) ?? []);
    const state = new Float32Array(this.#live.stateLength);
    for (const item of known(session)) this.#live.advance([{ state, item }]);
    return known(itemIds).map((item) => this.#live.explain(state, item));
  }

  override startOf(item: number, kind: RelatedKind): ListStart {
    if (kind === 'together') {
      const start = togetherWith(item, this.tensors, this.itemIds.length);
      if (start) return start;
    } else if (kind === 'alike') {
      const { config, tensors, itemIds } = this;
      const load = (programs: readonly Program[]) => this.#engine.load(programs);
      this.#alike ??= AlikeScores.open({ config, itemCount: itemIds.length, tensors, load });
      if (this.#alike) return this.#alike.start(item);
    }
    return super.startOf(item, kind);
  }

  /**
   * Writes a model folder, completely or not at all.
   * @param directory - created, or replaced if it holds a model.
   * @throws ModelError if it holds something else or cannot be written.
   */
  async save(directory: string, info: SaveInfo = {}): Promise<void> {
    checkOptions<SaveInfo>('save', info, { dataset: anything, itemInfo: anything });
    await saveModel(this, directory, info);
  }

  /**
   * Lets lists of live sessions read only groups of similar items from now on, a few per cent of all at most, if lists have 99 of
   * 100 items of exact ones on average, and 95 of 100 lists at least 18 of 20. Sessions that the model makes up show that. It
   * takes seconds for millions of items. Items of equal scores then come in any order. Lists of more than 64 items, and those for
   * which more were excluded, are exact.
   * @returns undefined if lists stay exact: too few items (100,000 for the engine `wasm`), an engine without groups, or too few
   *   of the items found.
   */
  probe(): Probing | undefined {
    return probeLists(this.#live, this.recentClicks ?? new Float32Array(this.itemIds.length).fill(1));
  }

  /** Frees the engine memory that live sessions share. The next use of a live session allocates the memory again. */
  dispose(): void {
    this.#live.dispose();
    this.#alike?.dispose();
  }

  /** As {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function checkClickVocabulary(parts: Pick<ModelParts, 'config' | 'clickVocabulary'>): void {
  const { clickFeatures } = parts.config;
  if (clickFeatures.length === 0 || parts.clickVocabulary) return;
  throw new RangeError(
    `new Gru4Rec: "clickVocabulary" expected the values of clickFeatures (${clickFeatures.join(', ')}), got none. Take it from the model with these tensors.`,
  );
}

/**
 * Reads a model folder, or in a browser the folder of `gru4rec export --format web`, and checks all of it.
 * @param location - path of a folder, or URL of a model for the web. In a page, it may be relative to the page.
 * @param options - the engine; whether the optimiser's state is read; for a URL, also a `signal` and `timeoutMs` that end
 *   fetching.
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum), or with tensors that do
 *   not fit the configuration; or the URL whose files did not come in `timeoutMs`.
 */
export async function loadModel(
  location: string | URL,
  options: ReadOptions & { readonly engine: Engine },
): Promise<Gru4Rec> {
  const checks = { engine: required(anything), ...readChecks };
  checkOptions<ReadOptions & { readonly engine: Engine }>('loadModel', options, checks);
  const { engine, ...reading } = options;
  return new Gru4Rec({ ...(await readModel(location, reading)), engine });
}
