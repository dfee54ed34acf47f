import type { Batch } from '@gru4rec/batcher';
import { type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { StepConfig } from '../model-config.ts';
import type { LossOutputs, ZeroLossInputs } from '../programs/build-train-program.ts';
import type { EpochRecord } from './epoch-record.ts';

/** The loss became NaN or infinite; nothing of the run is kept. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';

  constructor(epoch: number, step: number, loss: number, lastFinite: number | undefined) {
    const last =
      lastFinite === undefined ? 'no step had a finite one' : `the last finite one was ${lastFinite}`;
    super(
      `train: the loss became ${loss} in epoch ${epoch}, step ${step}; ${last}. ` +
        'Lower learningRate or momentum, or set bpreg lower.',
    );
  }
}

/** A parameter or optimiser slot became NaN or infinite; nothing of the run is kept. */
export class NonFiniteParameterError extends Error {
  override readonly name = 'NonFiniteParameterError';

  constructor(variable: string, epoch: number, { row, value }: { row: number; value: number }) {
    super(
      `train: "${variable}" holds ${value} in row ${row} at the end of epoch ${epoch}, and no loss has shown it. ` +
        'Lower learningRate or momentum, or set gradCap.',
    );
  }
}

/** Checks all parameters, tables and optimiser slots: a loss only shows values in the rows that its step scores. */
export function checkFiniteVariables(runtime: Runtime, epoch: number): void {
  for (const { name, kind, cols } of runtime.variables) {
    if (kind === 'state' || kind === 'constant') continue;
    const values = runtime.read(name);
    const at = values.findIndex((value) => !Number.isFinite(Math.fround(value)));
    if (at < 0) continue;
    const value = values[at] ?? Number.NaN;
    throw new NonFiniteParameterError(name, epoch, { row: Math.floor(at / cols), value });
  }
}

const STEPS = 32;

export interface ZeroLossSums {
  steps: number;
  events: number;
  lossSum: number;
}

/** Measures, on some steps of a run, the loss of a model that scores every item 0. */
export class ZeroLoss {
  readonly #runtime: Runtime;
  readonly #program: Program<ZeroLossInputs, LossOutputs>;
  readonly #config: Pick<StepConfig, 'batchSize' | 'nSample'>;
  readonly #sums: ZeroLossSums;

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

  get mean(): number | undefined {
    const { events, lossSum } = this.#sums;
    return events === 0 ? undefined : lossSum / events;
  }

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

/** A run whose loss is this many times the loss of all-zero scores or of its first epoch has diverged. */
const RISE = 1.1;

/** Training diverged: its numbers are finite, but the model is worse than an untrained one. Nothing of the run is kept. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';

  constructor(message: string) {
    super(`train: ${message}.`);
  }
}

export interface TrainingWarning {
  readonly message: string;
  /** Whether the loss is so high that training diverged; otherwise the model only learnt nothing. */
  readonly diverged: boolean;
}

export interface TrainingEnd {
  readonly epochs: readonly EpochRecord[];
  /** Loss of a model that scores every item 0; undefined if no step was measured. */
  readonly zeroLoss: number | undefined;
  readonly drawsTargets?: boolean;
}

/** What is wrong with finite numbers: the loss ends above that of zero scores, or 1.1 times that of the first epoch. */
export function trainingWarning({
  epochs,
  zeroLoss,
  drawsTargets = false,
}: TrainingEnd): TrainingWarning | undefined {
  const end = epochs.find(({ kept }) => kept) ?? epochs.at(-1);
  const [first] = epochs;
  if (!first || !end) return undefined;
  const ended = `The loss ended at ${shown(end.loss)}`;
  const diverged = end.loss > RISE * Math.min(first.loss, zeroLoss ?? first.loss);
  const allItems =
    'nSample to "all", and logq and hardNegatives to 0: it draws more samples than there are items, so that targets are their own negatives';
  const lower = 'Lower learningRate or momentum';
  const advice = !drawsTargets ? lower : diverged ? `${lower}, or set ${allItems}` : `Set ${allItems}`;
  if (zeroLoss !== undefined && end.loss > zeroLoss) {
    const message = `${ended}, above ${shown(zeroLoss)}, the loss of a model that scores every item 0: the model has learnt nothing. ${advice}`;
    return { message, diverged };
  }
  if (!diverged) return undefined;
  const message = `${ended}, more than ${RISE} times ${shown(first.loss)}, the loss of its first epoch: training diverges. ${advice}`;
  return { message, diverged };
}

function shown(loss: number): string {
  return String(Number(loss.toPrecision(4)));
}
