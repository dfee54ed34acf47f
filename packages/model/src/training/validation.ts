import { describeBlock, type SessionArrays } from '@gru4rec/batcher';
import { evaluateAsync, figuresAt, mapMetrics, type Ranker } from '@gru4rec/metrics';
import { type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import { isFresh } from '../parts/freshness.ts';
import {
  buildRankProgram,
  type InferenceOptions,
  type RankInputs,
  type RankOutputs,
} from '../programs/build-inference-programs.ts';
import type { ClickShape } from '../programs/click-features.ts';
import { clickInputs, targetRanks } from '../scoring.ts';
import type { StoredTensor } from '../storage/tensors.ts';
import type { AmendedRecord, ValidationRecord } from './epoch-record.ts';

const CUTOFF = 20;
const MOST_SLOTS = 64;
const PROGRAM = 'rank';

/** Whether a variable is a hidden state of the validation, which each validation starts afresh. */
export function isValidationState(name: string): boolean {
  return name.startsWith(`${PROGRAM}.`);
}

export function buildValidationProgram(
  sessions: SessionArrays,
  config: ModelConfig,
  shape: Pick<InferenceOptions, 'itemCount' | 'clicks'>,
): Program<RankInputs, RankOutputs> {
  return buildRankProgram({ config, ...shape, slots: validationSlots(sessions), k: 0, name: PROGRAM });
}

function validationSlots(sessions: SessionArrays): number {
  return Math.max(1, Math.min(MOST_SLOTS, describeBlock(sessions).sessionsWithPairs));
}

export interface ValidationOptions {
  readonly runtime: Runtime;
  readonly program: Program<RankInputs, RankOutputs>;
  readonly sessions: SessionArrays;
  readonly config: ModelConfig;
  readonly itemCount: number;
  readonly clicks?: ClickShape | undefined;
  /** Writes the parameters that are measured into `runtime`, where they are not those of the training programs. */
  readonly write: (runtime: Runtime) => void;
  /** Called between two steps of an evaluation. What it throws ends the evaluation. */
  readonly pause: () => Promise<void> | undefined;
}

/** Measures the parameters in a runtime on held-out sessions, and changes no parameter. */
export class Validation {
  readonly #options: ValidationOptions;
  readonly #ranker: Ranker;

  constructor(options: ValidationOptions) {
    const { runtime, program, itemCount, clicks } = options;
    this.#options = options;
    this.#ranker = {
      name: 'GRU4Rec',
      itemCount,
      open: (slots) => {
        return {
          rank: (input, resetMask, target, _, context) => {
            const features = clickInputs(clicks, slots, context);
            const inputs = { input, resetMask, target, ...features };
            return targetRanks(runProgram(runtime, program, inputs));
          },
          close() {},
        };
      },
    };
  }

  async afterEpoch(record: AmendedRecord): Promise<void> {
    const { runtime, sessions, write, pause } = this.#options;
    write(runtime);
    const options = {
      cutoffs: [CUTOFF],
      tieRule: 'standard' as const,
      lists: false,
      pause,
      slots: validationSlots(sessions),
    };
    const result = figuresAt(await evaluateAsync(this.#ranker, sessions, options), CUTOFF);
    record.validation = mapMetrics((name) => result[name]);
  }
}

/** @throws RangeError if `patience` or the fit of parts has no held-out sessions. */
export function checkValidation(
  { patience, parts, holdOut }: ModelConfig,
  validation: SessionArrays | undefined,
): void {
  const fitted = parts.filter((part) => part !== 'network');
  if (validation || holdOut > 0 || (patience === 0 && fitted.length === 0)) return;
  const [key, without] =
    patience > 0
      ? ['patience > 0', 'set patience to 0']
      : [`the parts ${fitted.join(', ')}`, 'set parts to ["network"]'];
  throw new RangeError(
    `train: "validation" expected held-out sessions with ${key}, got none. ` +
      `Prepare the dataset with a validation split, set holdOut to ${isFresh({ parts }) ? 0.2 : 0.02}, or ${without}.`,
  );
}

export interface StoppingState {
  readonly epochsSince: number;
  readonly best?: BestEpoch | undefined;
}

export interface BestEpoch {
  readonly epoch: number;
  readonly value: number;
  readonly tensors: readonly StoredTensor[];
}

export class EarlyStopping {
  readonly #config: ModelConfig;
  readonly #copy: () => readonly StoredTensor[];
  #epochsSince = 0;
  #best: BestEpoch | undefined;

  constructor(config: ModelConfig, copy: () => readonly StoredTensor[]) {
    this.#config = config;
    this.#copy = copy;
  }

  observe(epoch: number, record: ValidationRecord): void {
    const value = record[this.#config.validationMetric] ?? Number.NaN;
    this.#epochsSince++;
    if (value > (this.#best?.value ?? Number.NEGATIVE_INFINITY)) {
      this.#epochsSince = 0;
      this.#best = { epoch, value, tensors: this.#copy() };
    }
  }

  /** For `restore`. Its tensors are shared and must not be written to. */
  state(): StoppingState {
    return { epochsSince: this.#epochsSince, best: this.#best };
  }

  restore({ epochsSince, best }: StoppingState): void {
    this.#epochsSince = epochsSince;
    this.#best = best;
  }

  get over(): boolean {
    return this.#epochsSince >= this.#config.patience;
  }

  get best(): BestEpoch | undefined {
    return this.#best;
  }
}
