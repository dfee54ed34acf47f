import type { SessionArrays } from '@gru4rec/batcher';
import { evaluateWithPauses, mapMetrics, type Ranker } from '@gru4rec/metrics';
import { type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import { buildRankProgram, type RankInputs, type RankOutputs } from '../programs/build-inference-programs.ts';
import { targetRanks } from '../scoring.ts';
import type { StoredTensor } from '../storage/stored-tensor.ts';
import type { ValidationRecord } from './epoch-record.ts';
import { copyVariables, inFloat32, modelKinds } from './variables.ts';

const CUTOFF = 20;
/** The most sessions validated in parallel. */
const MOST_SLOTS = 64;

/** The program `rank` that validates these sessions, to be loaded with the training programs. */
export function buildValidationProgram(
  sessions: SessionArrays,
  config: ModelConfig,
  itemCount: number,
): Program<RankInputs, RankOutputs> {
  const [k, slots] = [Math.min(CUTOFF, itemCount), validationSlots(sessions)];
  return buildRankProgram({ config, itemCount, slots, k, name: 'rank' });
}

function validationSlots({ sessionOffsets }: SessionArrays): number {
  let slots = 0;
  for (let s = 1; s < sessionOffsets.length && slots < MOST_SLOTS; s++) {
    if ((sessionOffsets[s] ?? 0) - (sessionOffsets[s - 1] ?? 0) >= 2) slots++;
  }
  return Math.max(1, slots);
}

/** @throws RangeError if `patience` has no held-out sessions to validate on. */
export function checkValidation(
  { patience }: Pick<ModelConfig, 'patience'>,
  validation: SessionArrays | undefined,
): void {
  if (patience === 0 || validation) return;
  throw new RangeError(
    'train: "validation" expected held-out sessions with patience > 0, got none. ' +
      'Prepare the dataset with a validation split (--validation-days), or set patience to 0.',
  );
}

/** The state of early stopping, for a snapshot. */
export interface StoppingState {
  /** Epochs since the best one. */
  readonly epochsSince: number;
  /** Undefined before the first validation. */
  readonly best?: BestEpoch | undefined;
}

/** The best epoch so far, the value of its `validationMetric`, and its parameters, tables and slots. */
export interface BestEpoch {
  readonly epoch: number;
  readonly value: number;
  readonly tensors: readonly StoredTensor[];
}

/** What early stopping validates with. */
export interface EarlyStoppingOptions {
  /** Has `program` loaded, in addition to the training programs. */
  readonly runtime: Runtime;
  /** `buildValidationProgram` of the sessions. */
  readonly program: Program<RankInputs, RankOutputs>;
  /** Of known items only. */
  readonly sessions: SessionArrays;
  readonly config: ModelConfig;
  readonly itemCount: number;
}

/** Validates a model after each epoch and keeps its best parameters. */
export class EarlyStopping {
  readonly #runtime: Runtime;
  readonly #sessions: SessionArrays;
  readonly #config: ModelConfig;
  readonly #ranker: Ranker;
  #epochsSince = 0;
  #best: BestEpoch | undefined;

  constructor({ runtime, program, sessions, config, itemCount }: EarlyStoppingOptions) {
    this.#runtime = runtime;
    this.#sessions = sessions;
    this.#config = config;
    this.#ranker = {
      name: 'GRU4Rec',
      itemCount,
      open: () => ({
        rank: (input, resetMask, target) =>
          targetRanks(runProgram(runtime, program, { input, resetMask, target })),
        close() {},
      }),
    };
  }

  /**
   * Evaluates the parameters after an epoch, and keeps a copy of them if they are the best so far.
   *
   * @param pause - called between two steps of the evaluation. If it throws, the evaluation ends and nothing is kept.
   */
  async observe(epoch: number, pause: () => Promise<void> | undefined): Promise<ValidationRecord> {
    const options = { cutoffs: [CUTOFF], slots: validationSlots(this.#sessions), pause };
    const { results } = await evaluateWithPauses(this.#ranker, this.#sessions, options);
    const [result] = results;
    if (!result) throw new RangeError('evaluate: expected a result for each cutoff, got none');
    const record = mapMetrics((name) => result[name]);
    const value = record[this.#config.validationMetric];
    this.#epochsSince++;
    if (value > (this.#best?.value ?? Number.NEGATIVE_INFINITY)) {
      const runtime = this.#runtime;
      const tensors = copyVariables(runtime, modelKinds, (name) => inFloat32(runtime.read(name)));
      this.#epochsSince = 0;
      this.#best = { epoch, value, tensors };
    }
    return record;
  }

  /** For `restore`. Its tensors are shared and must not be written to. */
  state(): StoppingState {
    return { epochsSince: this.#epochsSince, best: this.#best };
  }

  restore({ epochsSince, best }: StoppingState): void {
    this.#epochsSince = epochsSince;
    this.#best = best;
  }

  /** Whether `patience` epochs have passed since the best one. */
  get over(): boolean {
    return this.#epochsSince >= this.#config.patience;
  }

  /** The best epoch so far and its tensors. */
  get best(): BestEpoch | undefined {
    return this.#best;
  }
}
