import { createBaseline, mix, tuneMix } from '@gru4rec/baselines';
import type { Scorer } from '@gru4rec/metrics';
import { type EpochRecord, type ModelConfig, train } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import type { SessionDataset } from '@gru4rec/sessions';
import { readConfig } from '../read-config.ts';
import {
  type BaselineContender,
  type Contender,
  configurationName,
  type MixContender,
  type ModelContender,
  needsSeed,
} from './contender.ts';
import { heldBytes } from './held-bytes.ts';

/** A contender that is ready to be evaluated. */
export interface Fitted {
  readonly scorer: Scorer;
  /** What it was made with, as a report tells it. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly fitSeconds: number;
  readonly memoryMiB: number;
  /** Of a model that learns in epochs. */
  readonly history: readonly EpochRecord[];
  /** Of a model: SHA-256 of the sessions that its hyper-parameters were tuned on. */
  readonly tunedOn: string;
}

/** What contenders are fitted on. */
export interface FitContext {
  readonly dataset: SessionDataset;
  readonly engine: Engine;
  /** Absolute path of a configuration. */
  readonly resolvePath: (file: string) => string;
  readonly onEpoch: (name: string, record: EpochRecord, epochs: number) => void;
}

const MIB = 2 ** 20;

/** Fits contenders for one seed; a part of a mix that takes part by itself is fitted once. */
export class Fitter {
  private readonly context: FitContext;
  private readonly seed: number | undefined;
  private readonly kept: Map<string, Promise<Fitted>>;

  /**
   * @param seed - instead of that of the configurations, if given.
   * @param lasting - fits that do not depend on the seed, shared between fitters.
   */
  constructor(context: FitContext, seed: number | undefined, lasting: ReadonlyMap<string, Promise<Fitted>>) {
    this.context = context;
    this.seed = seed;
    this.kept = new Map(lasting);
  }

  fit(contender: Contender): Promise<Fitted> {
    const kept = this.kept.get(contender.text);
    if (kept) return kept;
    const fitting = this.make(contender);
    this.kept.set(contender.text, fitting);
    return fitting;
  }

  /** Fits that hold for every seed. */
  lasting(contenders: readonly Contender[]): Map<string, Promise<Fitted>> {
    const singles = contenders.flatMap((c) => (c.kind === 'mix' ? c.parts : [c]));
    const steady = singles.filter((c) => !needsSeed(c) && this.kept.has(c.text));
    return new Map(steady.map((c) => [c.text, this.fit(c)]));
  }

  private make(contender: Contender): Promise<Fitted> {
    switch (contender.kind) {
      case 'baseline':
        return this.fitBaseline(contender);
      case 'model':
        return this.fitModel(contender);
      case 'mix':
        return this.fitMix(contender);
    }
  }

  private async fitBaseline(contender: BaselineContender): Promise<Fitted> {
    const { name, options } = contender;
    const seed = needsSeed(contender) && this.seed !== undefined ? { seed: this.seed } : {};
    const before = await heldBytes();
    const start = performance.now();
    const scorer = createBaseline(name, this.context.dataset, { ...options, ...seed });
    const fitSeconds = (performance.now() - start) / 1000;
    const memoryMiB = Math.max(0, (await heldBytes()) - before) / MIB;
    return { scorer, options, fitSeconds, memoryMiB, history: [], tunedOn: '' };
  }

  private async fitModel(contender: ModelContender): Promise<Fitted> {
    const { dataset, engine, resolvePath, onEpoch } = this.context;
    const seed = this.seed === undefined ? {} : { seed: this.seed };
    const config = await readConfig(resolvePath(contender.file), seed);
    const name = `GRU4Rec ${configurationName(contender)}`;
    const start = performance.now();
    const model = await train(dataset, config, {
      engine,
      onEpoch: (record) => onEpoch(name, record, config.nEpochs),
      ...(validationOf(dataset, config) ?? {}),
    });
    const fitSeconds = (performance.now() - start) / 1000;
    const bytes = model.tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
    const { tunedOn } = config;
    return {
      scorer: { ...model.scorer(), name },
      options: { ...config },
      fitSeconds,
      memoryMiB: bytes / MIB,
      history: model.history,
      tunedOn,
    };
  }

  private async fitMix(contender: MixContender): Promise<Fitted> {
    const first = await this.fit(contender.parts[0]);
    const second = await this.fit(contender.parts[1]);
    const scorers = [first.scorer, second.scorer] as const;
    const start = performance.now();
    const weight = contender.weight ?? this.tuneWeight(scorers, contender);
    const tuning = (performance.now() - start) / 1000;
    return {
      scorer: mix(scorers, { weights: [weight, 1 - weight] }),
      options: { parts: scorers.map(({ name }) => name), weight, tuned: contender.weight === undefined },
      fitSeconds: first.fitSeconds + second.fitSeconds + tuning,
      memoryMiB: first.memoryMiB + second.memoryMiB,
      history: [],
      tunedOn: first.tunedOn || second.tunedOn,
    };
  }

  private tuneWeight(scorers: readonly [Scorer, Scorer], { text }: MixContender): number {
    const { validation, directory } = this.context.dataset;
    if (validation) return tuneMix(scorers, validation).weight;
    throw new Error(
      `${text} expected a dataset with a validation split to tune its weight on, got ${directory} without. ` +
        'Prepare it with --validation-days, or give the weight: mix:0.5:A+B',
    );
  }
}

/** What `patience` needs. */
function validationOf(
  { validation, directory }: SessionDataset,
  { patience }: ModelConfig,
): { readonly validation: NonNullable<SessionDataset['validation']> } | undefined {
  if (patience === 0) return undefined;
  if (validation) return { validation };
  throw new Error(
    `patience > 0 expected a dataset with a validation split, got ${directory} without. Prepare it with --validation-days`,
  );
}
