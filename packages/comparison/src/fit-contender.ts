import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Baseline, createBaseline, mix, type TuneMixOptions, tuneMix } from '@gru4rec/baselines';
import { flawText, type OptionError, UsageError } from '@gru4rec/checks';
import type { SessionDataset } from '@gru4rec/dataset';
import type { Scorer } from '@gru4rec/metrics';
import {
  checkValidation,
  type EpochRecord,
  Gru4Rec,
  isPreset,
  type ModelConfig,
  parseConfig,
  readModel,
  type StoredModel,
  train,
} from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import type { RecommenderPart } from '@gru4rec/recommender';
import {
  type BaselineContender,
  type Contender,
  type MixContender,
  type ModelContender,
  nameContenders,
  needsSeed,
  type OwnContender,
  type SingleContender,
  singlesOf,
  type TrainedContender,
  titleOf,
} from './contender.ts';
import { splitChecksum } from './held-out.ts';
import { checkKeptItems } from './keep-recommender.ts';
import { loadScorerFactory, makeScorer, type ScorerFactory } from './own-modules.ts';

/** Reads the configurations, model folders and modules that contenders name. */
export interface ContenderFiles {
  /** Reads a configuration and overrides some of its keys. */
  readonly readConfig: (file: string, settings: Readonly<Record<string, unknown>>) => Promise<ModelConfig>;
  /** Reads the folder of a trained model. */
  readonly readModel: (folder: string) => Promise<StoredModel>;
  /** Loads the factory of a module. */
  readonly readFactory: (file: string) => Promise<ScorerFactory>;
}

/** The readers of a program: JSON files, presets, model folders and modules by their paths. */
export const plainFiles: ContenderFiles = {
  readConfig: async (file, settings) => {
    const written = isPreset(file) ? { preset: file } : JSON.parse(await readFile(file, 'utf8'));
    return parseConfig({ ...written, ...settings });
  },
  readModel: (folder) => readModel(folder),
  readFactory: (file) => loadScorerFactory(resolve(file), file),
};

export interface Fitted {
  readonly scorer: Scorer | Baseline;
  /** What a recommender folder of it holds; nothing of the caller's own. */
  readonly parts: readonly RecommenderPart[];
  /** Index of baselines based on neighbouring sessions. */
  readonly index?: NonNullable<Baseline['index']> | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly fitSeconds: number;
  readonly memoryMiB: number;
  readonly history: readonly EpochRecord[];
  /** SHA-256 of the session files by which hyper-parameters, best epoch or weight were chosen. */
  readonly tunedOn: readonly string[];
  readonly trained?: Pick<StoredModel, 'dataset'>;
  readonly warning?: string | undefined;
}

export interface FitContext {
  readonly dataset: SessionDataset;
  readonly engine: Engine;
  /** Options for tuning weights, the same as of the evaluation. */
  readonly judged: Pick<TuneMixOptions, 'tieRule' | 'cutoff'>;
  readonly files: ContenderFiles;
  readonly anyData: boolean;
  readonly onEpoch: ((name: string, record: EpochRecord, epochs: number) => void) | undefined;
}

export const MIB: number = 2 ** 20;

/** A contender that is also part of a mix is fitted once. */
export class Fitter {
  readonly #context: FitContext;
  /** Parts of mixes; only their fits are kept. */
  readonly #parts: readonly SingleContender[];
  readonly #kept = new Map<string, Promise<Fitted>>();
  #seed: number | undefined;

  constructor(context: FitContext, contenders: readonly Contender[]) {
    this.#context = context;
    this.#parts = contenders.flatMap((contender) => (contender.kind === 'mix' ? contender.parts : []));
  }

  /** Fits with this seed from here on. */
  useSeed(seed: number | undefined): void {
    this.#seed = seed;
    for (const part of this.#parts) if (needsSeed(part)) this.#kept.delete(part.text);
  }

  fit(contender: Contender): Promise<Fitted> {
    const kept = this.#kept.get(contender.text);
    if (kept) return kept;
    const fitting = this.#make(contender);
    if (this.#parts.some(({ text }) => text === contender.text)) this.#kept.set(contender.text, fitting);
    return fitting;
  }

  async #make(contender: Contender): Promise<Fitted> {
    switch (contender.kind) {
      case 'baseline':
        return fitBaseline(contender, this.#context.dataset, this.#seed);
      case 'model':
        return this.#fitModel(contender);
      case 'trained':
        return this.#openTrained(contender);
      case 'own':
        return this.#fitOwn(contender);
      case 'mix':
        return this.#fitMix(contender);
    }
  }

  async #fitOwn(contender: OwnContender): Promise<Fitted> {
    const { dataset, files } = this.#context;
    const create = await factoryOf(contender, files);
    const start = performance.now();
    const scorer = await makeScorer(create, dataset, contender.text);
    const fitSeconds = (performance.now() - start) / 1000;
    const memoryMiB = (scorer.bytes ?? 0) / MIB;
    return { scorer, parts: [], options: {}, fitSeconds, memoryMiB, history: [], tunedOn: [] };
  }

  async #fitModel(contender: ModelContender): Promise<Fitted> {
    const { dataset, engine, files, onEpoch } = this.#context;
    const seed = this.#seed === undefined ? {} : { seed: this.#seed };
    const config = await files.readConfig(contender.file, seed);
    const name = titleOf(contender);
    let warning: string | undefined;
    const start = performance.now();
    const model = await train(dataset, config, {
      engine,
      keepDiverged: true,
      onWarning: (message) => {
        warning = message;
      },
      onEpoch: (record) => onEpoch?.(name, record, config.nEpochs),
      validation: dataset.validation,
    });
    const fitSeconds = (performance.now() - start) / 1000;
    return {
      scorer: { ...model.scorer(dataset.contextColumns), name },
      parts: [{ recommender: model, weight: 1 }],
      options: { ...config },
      fitSeconds,
      memoryMiB: bytesOf(model) / MIB,
      history: model.history,
      tunedOn: tunedOn(config, dataset),
      warning,
    };
  }

  async #openTrained(contender: TrainedContender): Promise<Fitted> {
    const { dataset, engine, files, anyData } = this.#context;
    const stored = await files.readModel(contender.folder);
    const warning = checkTrained(stored, contender.text, { data: dataset, anyData });
    const { config, history } = stored;
    const model = new Gru4Rec({ ...stored, engine });
    return {
      scorer: { ...trainedScorer(stored, dataset, engine), name: titleOf(contender) },
      parts: [{ recommender: model, weight: 1 }],
      options: { ...config },
      fitSeconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
      memoryMiB: bytesOf(model) / MIB,
      history,
      tunedOn: tunedOn(config, dataset),
      trained: { dataset: stored.dataset },
      warning,
    };
  }

  async #fitMix(contender: MixContender): Promise<Fitted> {
    const first = await this.fit(contender.parts[0]);
    const second = await this.fit(contender.parts[1]);
    const scorers = [first.scorer, second.scorer] as const;
    const start = performance.now();
    const weight = contender.weight ?? (await this.#tuneWeight(scorers, contender));
    const tuning = (performance.now() - start) / 1000;
    const tuned = contender.weight === undefined;
    const own = tuned ? [splitChecksum(this.#context.dataset, 'validation')] : [];
    const described = contender.parts.map((part, place) => ({
      name: titleOf(part),
      options: [first, second][place]?.options ?? {},
    }));
    const weights = [weight, 1 - weight];
    return {
      scorer: mix(scorers, { weights }),
      parts: [first, second].flatMap(({ parts }, place) =>
        parts.map(({ recommender }) => ({ recommender, weight: weights[place] ?? 0 })),
      ),
      options: { weight, ...(tuned ? { tuned: this.#tuningRule() } : {}), parts: described },
      fitSeconds: first.fitSeconds + second.fitSeconds + tuning,
      memoryMiB: first.memoryMiB + second.memoryMiB,
      history: [],
      tunedOn: [...first.tunedOn, ...second.tunedOn, ...own],
    };
  }

  #tuningRule(): string {
    const { cutoff, tieRule } = this.#context.judged;
    return `MRR@${cutoff} of the next clicks of the validation split, tie rule ${tieRule}`;
  }

  async #tuneWeight(scorers: readonly [Scorer, Scorer], { text }: MixContender): Promise<number> {
    const { dataset, judged } = this.#context;
    if (dataset.validation) return (await tuneMix(scorers, dataset.validation, judged)).weight;
    throw needsValidation(text, dataset.directory);
  }
}

export function fitBaseline(contender: BaselineContender, dataset: SessionDataset, seed?: number): Fitted {
  const { name, options } = contender;
  const seeded = needsSeed(contender) && seed !== undefined ? { seed } : {};
  const start = performance.now();
  const baseline = createBaseline(name, dataset, { ...options, ...seeded });
  const fitSeconds = (performance.now() - start) / 1000;
  const { index } = baseline;
  return {
    scorer: baseline,
    parts: [{ recommender: baseline, weight: 1 }],
    options,
    fitSeconds,
    memoryMiB: bytesOf(baseline) / MIB,
    index,
    history: [],
    tunedOn: [],
  };
}

export function bytesOf(recommender: Gru4Rec | Baseline): number {
  if (!(recommender instanceof Gru4Rec)) return recommender.bytes;
  return recommender.tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
}

async function factoryOf(
  { create, text }: OwnContender,
  files: Pick<ContenderFiles, 'readFactory'>,
): Promise<ScorerFactory> {
  return create ?? files.readFactory(text);
}

export function tunedOn(
  { tunedOn: tuned, patience }: ModelConfig,
  dataset: Pick<SessionDataset, 'manifest'>,
): string[] {
  const checksums = [tuned, patience > 0 ? splitChecksum(dataset, 'validation') : ''];
  return checksums.filter((checksum) => checksum !== '');
}

function needsValidation(text: string, directory: string): Error {
  return new Error(
    `${text} expected a dataset with a validation split to tune its weight on, got ${directory} without. ` +
      'Prepare it with --validation, or give the weight: mix:0.5:A+B',
  );
}

interface CheckContext extends Pick<FitContext, 'files' | 'anyData'> {
  readonly kept: readonly string[];
}

/** Checks, before hours of work, that every contender can be fitted. */
export async function checkContenders(
  contenders: readonly Contender[],
  dataset: SessionDataset,
  { files, anyData, kept }: CheckContext,
): Promise<void> {
  for (const contender of contenders) {
    if (contender.kind !== 'mix' || contender.weight !== undefined || dataset.validation) continue;
    throw needsValidation(contender.text, dataset.directory);
  }
  const names = nameContenders(contenders);
  const mixes = contenders.filter(({ kind }, at) => kind === 'mix' && kept.includes(names[at] ?? ''));
  const keptParts = singlesOf(mixes);
  for (const single of singlesOf(contenders)) {
    if (single.kind === 'baseline') checkBaseline(single);
    else if (single.kind === 'own') await factoryOf(single, files);
    else if (single.kind === 'trained') {
      const stored = await files.readModel(single.folder);
      checkTrained(stored, single.text, { data: dataset, anyData });
      if (keptParts.includes(single)) checkKeptItems(single.text, stored, dataset);
    } else checkValidation(await files.readConfig(single.file, {}), dataset.validation);
  }
}

/** Two sessions to check options with, instead of the dataset. */
const two = {
  support: [2, 2],
  train: {
    sessionOffsets: Int32Array.of(0, 2, 4),
    items: Int32Array.of(0, 1, 0, 1),
    sessionStartTimes: Float64Array.of(0, 1000),
  },
};

function checkBaseline({ name, options, text }: BaselineContender): void {
  try {
    createBaseline(name, two, options);
  } catch (error) {
    const { flaw, message } = error as Error & Partial<OptionError>;
    throw new UsageError(`--models ${text}: ${flaw ? flawText(flaw) : message}`);
  }
}

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
