import { type Baseline, createBaseline, mix, type TuneMixOptions, tuneMix } from '@gru4rec/baselines';
import type { Scorer } from '@gru4rec/metrics';
import { type EpochRecord, Gru4Rec, type ModelConfig, type StoredModel, train } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import type { RecommenderPart } from '@gru4rec/recommender';
import type { SessionDataset } from '@gru4rec/sessions';
import {
  type BaselineContender,
  type Contender,
  type MixContender,
  type ModelContender,
  needsSeed,
  type OwnContender,
  type TrainedContender,
  titleOf,
} from './contender.ts';
import type { ContenderFiles } from './contender-files.ts';
import { splitChecksum } from './evaluation-facts.ts';
import { makeScorer, type ScorerFactory } from './own-scorer.ts';
import { checkTrained, trainedScorer } from './trained-model.ts';

/** A fitted contender. */
export interface Fitted {
  readonly scorer: Scorer | Baseline;
  /** What a recommender folder of it holds, for the items of the model if it is a trained one; nothing of the caller's own. */
  readonly parts: readonly RecommenderPart[];
  /** Index of baselines based on neighbouring sessions. */
  readonly index?: NonNullable<Baseline['index']>;
  /** Its options, for the report. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly fitSeconds: number;
  readonly memoryMiB: number;
  /** Training history of a model. */
  readonly history: readonly EpochRecord[];
  /** SHA-256 of the session files by which hyper-parameters, best epoch or weight were chosen. */
  readonly tunedOn: readonly string[];
  /** The folder of a trained model, which records what it was trained on. */
  readonly trained?: Pick<StoredModel, 'dataset'>;
  /** Warnings of the training. */
  readonly warning?: string | undefined;
}

/** Dataset, engine and rules that contenders are fitted with. */
export interface FitContext {
  readonly dataset: SessionDataset;
  readonly engine: Engine;
  /** Options for tuning weights, the same as of the evaluation. */
  readonly judged: Pick<TuneMixOptions, 'tieRule' | 'cutoff'>;
  readonly files: ContenderFiles;
  /** Whether trained models of other datasets are accepted. */
  readonly anyData: boolean;
  readonly onEpoch: ((name: string, record: EpochRecord, epochs: number) => void) | undefined;
}

const MIB = 2 ** 20;

/** Fits contenders for one seed. A contender that is also part of a mix is fitted once. */
export class Fitter {
  readonly #context: FitContext;
  readonly #seed: number | undefined;
  /** Texts of contenders that are parts of mixes; only their fits are kept. */
  readonly #parts: ReadonlySet<string>;
  readonly #kept: Map<string, Promise<Fitted>>;

  /**
   * @param contenders - all contenders to be fitted.
   * @param seed - overrides that of the configurations.
   * @param earlier - the fits of another seed; those that do not depend on the seed are reused.
   */
  constructor(
    context: FitContext,
    contenders: readonly Contender[],
    seed: number | undefined,
    earlier?: Fitter,
  ) {
    this.#context = context;
    this.#seed = seed;
    const parts = contenders.flatMap((contender) => (contender.kind === 'mix' ? contender.parts : []));
    this.#parts = new Set(parts.map(({ text }) => text));
    const steady = new Set(parts.filter((part) => !needsSeed(part)).map(({ text }) => text));
    const fitted = earlier ? [...earlier.#kept] : [];
    this.#kept = new Map(fitted.filter(([text]) => steady.has(text)));
  }

  fit(contender: Contender): Promise<Fitted> {
    const kept = this.#kept.get(contender.text);
    if (kept) return kept;
    const fitting = this.#make(contender);
    if (this.#parts.has(contender.text)) this.#kept.set(contender.text, fitting);
    return fitting;
  }

  #make(contender: Contender): Promise<Fitted> {
    switch (contender.kind) {
      case 'baseline':
        return this.#fitBaseline(contender);
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

  async #fitBaseline(contender: BaselineContender): Promise<Fitted> {
    const { name, options } = contender;
    const seed = needsSeed(contender) && this.#seed !== undefined ? { seed: this.#seed } : {};
    const start = performance.now();
    const baseline = createBaseline(name, this.#context.dataset, { ...options, ...seed });
    const fitSeconds = (performance.now() - start) / 1000;
    const { bytes, index } = baseline;
    return {
      scorer: baseline,
      parts: [{ recommender: baseline, weight: 1 }],
      options,
      fitSeconds,
      memoryMiB: bytes / MIB,
      ...(index && { index }),
      history: [],
      tunedOn: [],
    };
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
      ...(dataset.validation ? { validation: dataset.validation } : {}),
    });
    const fitSeconds = (performance.now() - start) / 1000;
    const bytes = model.tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
    return {
      scorer: { ...model.scorer(dataset.contextColumns), name },
      parts: [{ recommender: model, weight: 1 }],
      options: { ...config },
      fitSeconds,
      memoryMiB: bytes / MIB,
      history: model.history,
      tunedOn: tunedOn(config, dataset),
      warning,
    };
  }

  async #openTrained(contender: TrainedContender): Promise<Fitted> {
    const { dataset, engine, files, anyData } = this.#context;
    const stored = await files.readModel(contender.folder);
    const warning = checkTrained(stored, contender.text, { data: dataset, anyData });
    const { config, history, tensors } = stored;
    return {
      scorer: { ...trainedScorer(stored, dataset, engine), name: titleOf(contender) },
      parts: [{ recommender: new Gru4Rec({ ...stored, engine }), weight: 1 }],
      options: { ...config },
      fitSeconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
      memoryMiB: tensors.reduce((sum, { values }) => sum + values.byteLength, 0) / MIB,
      history,
      tunedOn: tunedOn(config, dataset),
      trained: { ...(stored.dataset && { dataset: stored.dataset }) },
      warning,
    };
  }

  async #fitMix(contender: MixContender): Promise<Fitted> {
    const first = await this.fit(contender.parts[0]);
    const second = await this.fit(contender.parts[1]);
    const scorers = [first.scorer, second.scorer] as const;
    const start = performance.now();
    const weight = contender.weight ?? this.#tuneWeight(scorers, contender);
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

  #tuneWeight(scorers: readonly [Scorer, Scorer], { text }: MixContender): number {
    const { dataset, judged } = this.#context;
    if (dataset.validation) return tuneMix(scorers, dataset.validation, judged).weight;
    throw needsValidation(text, dataset.directory);
  }
}

/** The factory of a contender, or that of its module. */
export async function factoryOf(
  { create, text }: OwnContender,
  files: Pick<ContenderFiles, 'readFactory'>,
): Promise<ScorerFactory> {
  return create ?? files.readFactory(text);
}

/** Checksums of the sessions on which hyper-parameters or the best epoch were chosen. */
function tunedOn({ tunedOn: tuned, patience }: ModelConfig, dataset: SessionDataset): string[] {
  const checksums = [tuned, patience > 0 ? splitChecksum(dataset, 'validation') : ''];
  return checksums.filter((checksum) => checksum !== '');
}

/** The error for a mix whose weight cannot be tuned. */
export function needsValidation(text: string, directory: string): Error {
  return new Error(
    `${text} expected a dataset with a validation split to tune its weight on, got ${directory} without. ` +
      'Prepare it with --validation, or give the weight: mix:0.5:A+B',
  );
}
