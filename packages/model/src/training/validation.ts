import type { SessionArrays } from '@gru4rec/batcher';
import { evaluateWithPauses, mapMetrics, type Ranker } from '@gru4rec/metrics';
import { type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import {
  buildRankProgram,
  type InferenceOptions,
  type RankInputs,
  type RankOutputs,
} from '../programs/build-inference-programs.ts';
import type { ClickShape } from '../programs/click-features.ts';
import { clickInputs, historyFollower, targetRanks } from '../scoring.ts';
import type { AmendedRecord, TrainingObserver } from './training-observer.ts';

const CUTOFF = 20;
/** The most sessions validated in parallel. */
const MOST_SLOTS = 64;
const PROGRAM = 'rank';

/** Whether a variable is a hidden state of the validation, which each validation starts afresh. */
export function isValidationState(name: string): boolean {
  return name.startsWith(`${PROGRAM}.`);
}

/** The program `rank` that validates these sessions, to be loaded with the training programs. */
export function buildValidationProgram(
  sessions: SessionArrays,
  config: ModelConfig,
  shape: Pick<InferenceOptions, 'itemCount' | 'clicks'>,
): Program<RankInputs, RankOutputs> {
  return buildRankProgram({ config, ...shape, slots: validationSlots(sessions), k: 0, name: PROGRAM });
}

function validationSlots({ sessionOffsets }: SessionArrays): number {
  let slots = 0;
  for (let s = 1; s < sessionOffsets.length && slots < MOST_SLOTS; s++) {
    if ((sessionOffsets[s] ?? 0) - (sessionOffsets[s - 1] ?? 0) >= 2) slots++;
  }
  return Math.max(1, slots);
}

/** What a validation needs. */
export interface ValidationOptions {
  /** Has `program` loaded, in addition to the training programs. */
  readonly runtime: Runtime;
  /** `buildValidationProgram` of the sessions. */
  readonly program: Program<RankInputs, RankOutputs>;
  /** Of known items only. */
  readonly sessions: SessionArrays;
  readonly config: ModelConfig;
  readonly itemCount: number;
  readonly clicks?: ClickShape | undefined;
  /** Epochs from one validation to the next; the last epoch is always validated. */
  readonly every: number;
  readonly lastEpoch: number;
  /** Writes the parameters that are measured into `runtime`, where they are not those of the training programs. */
  readonly write: (runtime: Runtime) => void;
  /** Called between two steps of an evaluation. What it throws ends the evaluation. */
  readonly pause: () => Promise<void> | undefined;
}

/** Measures the parameters in a runtime on held-out sessions, and changes no parameter. */
export class Validation implements TrainingObserver {
  readonly #options: ValidationOptions;
  readonly #ranker: Ranker;

  constructor(options: ValidationOptions) {
    const { runtime, program, config, itemCount, clicks } = options;
    this.#options = options;
    this.#ranker = {
      name: 'GRU4Rec',
      itemCount,
      open: (slots) => {
        const follow = historyFollower(config, slots);
        return {
          rank: (input, resetMask, target, _, context) => {
            const features = clickInputs(clicks, slots, context);
            const inputs = { input, resetMask, target, ...follow(input, resetMask), ...features };
            return targetRanks(runProgram(runtime, program, inputs));
          },
          close() {},
        };
      },
    };
  }

  /** Adds the figures of the parameters that the model would have to the record of an epoch. */
  async afterEpoch(record: AmendedRecord): Promise<void> {
    const { runtime, sessions, every, lastEpoch, write, pause } = this.#options;
    if (record.epoch % every !== 0 && record.epoch !== lastEpoch) return;
    write(runtime);
    const options = {
      ...{ cutoffs: [CUTOFF], tieRule: 'standard' as const, lists: false, pause },
      slots: validationSlots(sessions),
    };
    const { results } = await evaluateWithPauses(this.#ranker, sessions, options);
    const [result] = results;
    if (!result) throw new RangeError('evaluate: expected a result for each cutoff, got none');
    record.validation = mapMetrics((name) => result[name]);
  }
}
