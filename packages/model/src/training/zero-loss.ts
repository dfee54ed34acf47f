import type { Batch } from '@gru4rec/batcher';
import { type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { LossOutputs, ZeroLossInputs } from '../programs/build-train-program.ts';
import type { StepConfig } from '../programs/step-config.ts';

/** Steps that are measured, spread over an epoch. */
const STEPS = 32;

/** Measures, on some steps of a run, the loss of a model that scores every item 0. */
export class ZeroLoss {
  readonly #runtime: Runtime;
  readonly #program: Program<ZeroLossInputs, LossOutputs>;
  readonly #config: Pick<StepConfig, 'batchSize' | 'nSample'>;
  #steps = 0;
  #lossSum = 0;
  #events = 0;

  /** @param runtime - holds the program, which changes no variable. */
  constructor(
    runtime: Runtime,
    program: Program<ZeroLossInputs, LossOutputs>,
    config: Pick<StepConfig, 'batchSize' | 'nSample'>,
  ) {
    this.#runtime = runtime;
    this.#program = program;
    this.#config = config;
  }

  /** Mean loss per event; undefined before the first measured step. */
  get mean(): number | undefined {
    return this.#events === 0 ? undefined : this.#lossSum / this.#events;
  }

  /** Measures a step if it is one of those. */
  observe(batch: Batch, samples: Int32Array | undefined, eventsPerEpoch: number): void {
    const { batchSize, nSample } = this.#config;
    // Where all items are scored, the loss is the same for every event.
    const steps = nSample === 'all' ? 1 : STEPS;
    const oneIn = Math.max(1, Math.floor(eventsPerEpoch / batchSize / STEPS));
    if (this.#steps >= steps || (this.#steps > 0 && batch.step % oneIn !== 0)) return;
    const { target, live, liveSlots } = nSample === 'all' ? firstLiveSlot(batch) : batch;
    const inputs = { target, live, ...(samples && { samples }) };
    const loss = runProgram(this.#runtime, this.#program, inputs).loss[0];
    this.#lossSum += loss * live.length;
    this.#events += liveSlots;
    this.#steps++;
  }
}

function firstLiveSlot({ target, live }: Batch): Pick<Batch, 'target' | 'live' | 'liveSlots'> {
  const slot = live.indexOf(1);
  return { target: target.slice(slot, slot + 1), live: live.slice(slot, slot + 1), liveSlots: 1 };
}
