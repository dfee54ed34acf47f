import type { SessionArrays } from '@gru4rec/batcher';
import { evaluateWithPauses, type Scorer } from '@gru4rec/metrics';
import type { Program, Runtime } from '@gru4rec/program';
import { type ModelConfig, stepConfig } from '../config.ts';
import { buildRankProgram } from '../programs/build-rank-program.ts';
import { targetRanksOf } from '../scoring.ts';
import { type StoredTensor, storedTensors } from '../storage/stored-tensor.ts';
import type { ValidationRecord } from './epoch-record.ts';

const CUTOFF = 20;
/** Sessions that are validated side by side, at most. */
const MOST_SLOTS = 64;

/** The program `rank` that validates these sessions, to be loaded beside the training programs. */
export function buildValidationProgram(
  sessions: SessionArrays,
  config: ModelConfig,
  itemCount: number,
): Program {
  const k = Math.min(CUTOFF, itemCount);
  return buildRankProgram({ config: stepConfig(config), itemCount, slots: validationSlots(sessions), k });
}

function validationSlots({ sessionOffsets }: SessionArrays): number {
  let slots = 0;
  for (let s = 1; s < sessionOffsets.length && slots < MOST_SLOTS; s++) {
    if ((sessionOffsets[s] ?? 0) - (sessionOffsets[s - 1] ?? 0) >= 2) slots++;
  }
  return Math.max(1, slots);
}

/** What early stopping has seen so far. */
export interface StoppingState {
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

/** Watches a model on held-out sessions and keeps its best parameters. */
export class EarlyStopping {
  private readonly runtime: Runtime;
  private readonly sessions: SessionArrays;
  private readonly config: ModelConfig;
  private readonly itemCount: number;
  private epochsSince = 0;
  private kept: BestEpoch | undefined;

  /**
   * @param runtime - holds `buildValidationProgram` beside the training program.
   * @param sessions - known items alone.
   */
  constructor(runtime: Runtime, sessions: SessionArrays, config: ModelConfig, itemCount: number) {
    this.runtime = runtime;
    this.sessions = sessions;
    this.config = config;
    this.itemCount = itemCount;
  }

  /**
   * Evaluates the parameters as they are after an epoch, and keeps them if they are the best so far.
   *
   * @param pause - called between two steps of the evaluation; what it throws ends it, and nothing is kept.
   */
  async observe(epoch: number, pause: () => Promise<void> | undefined): Promise<ValidationRecord> {
    const slots = validationSlots(this.sessions);
    const options = { cutoffs: [CUTOFF], slots, pause };
    const { results } = await evaluateWithPauses(this.scorer(slots), this.sessions, options);
    const [result] = results;
    if (!result) throw new RangeError('evaluate: expected a result for each cutoff, got none');
    const { recall, mrr, ndcg } = result;
    const record = { recall, mrr, ndcg };
    const value = record[this.config.validationMetric];
    this.epochsSince++;
    if (value > (this.kept?.value ?? Number.NEGATIVE_INFINITY)) {
      this.epochsSince = 0;
      this.kept = { epoch, value, tensors: storedTensors(this.runtime) };
    }
    return record;
  }

  /** What `restore` goes on from; tensors are shared, and never written into. */
  state(): StoppingState {
    return { epochsSince: this.epochsSince, best: this.kept };
  }

  restore({ epochsSince, best }: StoppingState): void {
    this.epochsSince = epochsSince;
    this.kept = best;
  }

  private scorer(slots: number): Scorer {
    const { runtime, itemCount } = this;
    return {
      name: 'GRU4Rec',
      itemCount,
      open: () => ({
        step() {
          throw new RangeError('step: expected a session that ranks, got one that has no scores');
        },
        rank: (input, resetMask, target) => targetRanksOf(runtime, { input, resetMask, target }, slots),
        close() {},
      }),
    };
  }

  /** Whether the best epoch lies `patience` epochs back. */
  get over(): boolean {
    return this.epochsSince >= this.config.patience;
  }

  /** The best epoch so far and its tensors. */
  get best(): BestEpoch | undefined {
    return this.kept;
  }
}
