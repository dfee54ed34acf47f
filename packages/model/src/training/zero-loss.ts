import type { Batch } from '@gru4rec/batcher';
import type { InputValue, Runtime } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import { ZERO_LOSS } from '../programs/build-train-program.ts';

/** Steps that are looked at, spread over an epoch. */
const STEPS = 32;

/** Finds out on some steps of a run what the loss of a model is that scores every item 0. */
export class ZeroLoss {
  readonly #runtime: Runtime;
  readonly #config: Pick<ModelConfig, 'batchSize' | 'nSample'>;
  #steps = 0;
  #lossSum = 0;
  #events = 0;

  /** @param runtime - holds the program `zero-loss`; running it changes no variable. */
  constructor(runtime: Runtime, config: Pick<ModelConfig, 'batchSize' | 'nSample'>) {
    this.#runtime = runtime;
    this.#config = config;
  }

  /** Mean loss of an event; undefined before the first step. */
  get mean(): number | undefined {
    return this.#events === 0 ? undefined : this.#lossSum / this.#events;
  }

  /** Looks at a step, if it is one of those. */
  observe(batch: Batch, samples: Int32Array | undefined, eventsPerEpoch: number): void {
    const { batchSize, nSample } = this.#config;
    // Where all items are scored, the loss is the same for every event.
    const steps = nSample === 'all' ? 1 : STEPS;
    const oneIn = Math.max(1, Math.floor(eventsPerEpoch / batchSize / STEPS));
    if (this.#steps >= steps || (this.#steps > 0 && batch.step % oneIn !== 0)) return;
    const { target, live, liveSlots } = nSample === 'all' ? firstOf(batch) : batch;
    const inputs: Record<string, InputValue> = { target, live, ...(samples && { samples }) };
    const loss = this.#runtime.run(ZERO_LOSS, inputs).loss?.[0] ?? Number.NaN;
    this.#lossSum += loss * live.length;
    this.#events += liveSlots;
    this.#steps++;
  }
}

/** The first slot that lives, alone. */
function firstOf({ target, live }: Batch): Pick<Batch, 'target' | 'live' | 'liveSlots'> {
  const slot = live.indexOf(1);
  return { target: target.slice(slot, slot + 1), live: live.slice(slot, slot + 1), liveSlots: 1 };
}
