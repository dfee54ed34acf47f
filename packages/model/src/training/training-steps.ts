import type { Program, Runtime } from '@gru4rec/program';
import type { DistinctSamples } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import { buildTrainProgram, type TrainProgram } from '../programs/build-train-program.ts';
import type { ItemFeatures } from '../programs/item-features.ts';
import { trainedHistoryLength } from '../programs/repeats.ts';
import { type MergedProgram, TrainingStep, type TrainingStepOptions } from '../programs/training-step.ts';
import type { TrainedClicks } from './training-data.ts';

/** The epoch whose steps have the repeat bias, in which no event has been seen before. */
const FIRST_EPOCH = 1;

/** What the steps of a run are built for. */
export interface TrainingStepsOptions {
  readonly config: ModelConfig;
  readonly itemCount: number;
  /** What merges equal samples of a step; see `mergersFor`. */
  readonly mergers: readonly DistinctSamples[];
  /** The features of items, if they have any. */
  readonly features?: ItemFeatures | undefined;
  /** The features of clicks, if they have any. */
  readonly clicks?: TrainedClicks | undefined;
  /** Whether the run continues a model, whose history of epochs may be lost. */
  readonly continues?: boolean;
}

/** A kind of step. */
interface StepKind {
  readonly config: ModelConfig;
  readonly programs: { readonly program: TrainProgram; readonly merged: readonly MergedProgram[] };
}

/** Runs a step of an epoch, which counts from 1. The other arguments are those of `TrainingStep.run`. */
export type RunStep = (epoch: number, ...given: Parameters<TrainingStep['run']>) => number;

/**
 * The training steps of a run.
 *
 * The repeat bias is learnt in the first epoch, in which each event is new to the model, so that it fits events that are
 * not in the training data. Later epochs, and runs that continue a model, train it without: they would learn how much a
 * repeat adds to what the model remembers of these very events. A bias that is fitted after training (`auto`) has no part
 * in any step.
 */
export class TrainingSteps {
  readonly #first: StepKind;
  readonly #later: StepKind;
  readonly #continues: boolean;
  readonly #reads: Pick<TrainingStepOptions, 'features' | 'clicks' | 'countsSome'>;

  constructor({ config, itemCount, mergers, features, clicks, continues = false }: TrainingStepsOptions) {
    const read = { features, clicks, countsSome: config.targetTypes.length > 0 };
    this.#reads = read;
    const build = (of: ModelConfig, name: string): StepKind => {
      const program = buildTrainProgram(of, itemCount, { name, ...read });
      const merged = mergers.map((merger, at) => {
        const variant = { name: at === 0 ? name : `${name}-most`, mergedSamples: merger.items.length };
        return { merger, program: buildTrainProgram(of, itemCount, { ...variant, ...read }) };
      });
      return { config: of, programs: { program, merged } };
    };
    const without = { ...config, repeatBias: 'none' as const };
    this.#first = build(config, 'train');
    this.#later = trainedHistoryLength(config) === 0 ? this.#first : build(without, 'train-later');
    this.#continues = continues;
  }

  /** All programs, for a runtime. */
  get programs(): Program[] {
    const stepKinds = new Set([this.#first, this.#later]);
    return [...stepKinds].flatMap(({ programs: { program, merged } }) => [
      program,
      ...merged.map((of) => of.program),
    ]);
  }

  /** @param runtime - has loaded the programs. */
  open(runtime: Runtime): RunStep {
    const open = ({ config, programs }: StepKind): TrainingStep =>
      new TrainingStep(runtime, config, { dropoutSeed: config.seed, ...this.#reads, ...programs });
    const first = open(this.#first);
    const later = this.#later === this.#first ? first : open(this.#later);
    const isLater = (epoch: number): boolean => this.#continues || epoch > FIRST_EPOCH;
    return (epoch, ...given) => (isLater(epoch) ? later : first).run(...given);
  }
}
