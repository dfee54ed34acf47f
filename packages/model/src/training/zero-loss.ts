import type { Batch } from '@gru4rec/batcher';
import { type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { LossOutputs, ZeroLossInputs } from '../programs/build-train-program.ts';
import type { StepConfig } from '../programs/step-config.ts';

/** Steps that are measured, spread over an epoch. */
const STEPS = 32;

/** The measured steps of a run, with sums over their events. */
export interface ZeroLossSums {
  steps: number;
  events: number;
  lossSum: number;
}

/** The sums before the first step. */
export function noZeroLoss(): ZeroLossSums {
  return { steps: 0, events: 0, lossSum: 0 };
}

/** Measures, on some steps of a run, the loss of a model that scores every item 0. */
export class ZeroLoss {
  readonly #runtime: Runtime;
  readonly #program: Program<ZeroLossInputs, LossOutputs>;
  readonly #config: Pick<StepConfig, 'batchSize' | 'nSample'>;
  readonly #sums: ZeroLossSums;

  /**
   * @param runtime - holds the program, which changes no variable.
   * @param sums - of the steps before; changed with each measured step.
   */
  constructor(
    runtime: Runtime,
    program: Program<ZeroLossInputs, LossOutputs>,
    config: Pick<StepConfig, 'batchSize' | 'nSample'>,
    sums: ZeroLossSums,
  ) {
    this.#runtime = runtime;
    this.#program = program;
    this.#config = config;
    this.#sums = sums;
  }

  /** Mean loss per event; undefined before the first measured step. */
  get mean(): number | undefined {
    const { events, lossSum } = this.#sums;
    return events === 0 ? undefined : lossSum / events;
  }

  /** Measures a step if it is one of the steps to measure. */
  observe(batch: Batch, samples: Int32Array | undefined, eventsPerEpoch: number): void {
    const { batchSize, nSample } = this.#config;
    // Where all items are scored, the loss is the same for every event.
    const steps = nSample === 'all' ? 1 : STEPS;
    const oneIn = Math.max(1, Math.floor(eventsPerEpoch / batchSize / STEPS));
    const sums = this.#sums;
    if (sums.steps >= steps || (sums.steps > 0 && batch.step % oneIn !== 0)) return;
    const { target, live, liveSlots } = nSample === 'all' ? firstLiveSlot(batch) : batch;
    const inputs = { target, live, ...(samples && { samples }) };
    const loss = runProgram(this.#runtime, this.#program, inputs).loss[0];
    sums.lossSum += loss * live.length;
    sums.events += liveSlots;
    sums.steps++;
  }
}

function firstLiveSlot({ target, live }: Batch): Pick<Batch, 'target' | 'live' | 'liveSlots'> {
  const slot = live.indexOf(1);
  return { target: target.slice(slot, slot + 1), live: live.slice(slot, slot + 1), liveSlots: 1 };
}
