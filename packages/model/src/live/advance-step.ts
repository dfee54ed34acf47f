import { type Program, type Runtime, runProgram } from '@gru4rec/program';
import { buildAdvanceProgram, type EventInputs } from '../programs/build-inference-programs.ts';
import type { ClickShape } from '../programs/click-features.ts';
import { stateVariables } from '../programs/forward.ts';
import type { StepConfig } from '../programs/step-config.ts';

/** One event of one session. */
export interface LiveEvent {
  /** All states of the session, in order, and its last items; zeros at its start; overwritten by the next ones. */
  readonly state: Float32Array;
  readonly item: number;
  /** [K] features of the click, −1 for none; with features of clicks, none if not given. */
  readonly features?: Int32Array | undefined;
}

/** A program that advances up to `slots` sessions, and the arrays it is fed from. */
export class AdvanceStep {
  readonly slots: number;
  readonly program: Program<EventInputs>;
  readonly #input: Int32Array;
  readonly #resetMask: Float32Array;
  /** [slots × K]; undefined without features of clicks. */
  readonly #features: Int32Array | undefined;
  readonly #states: readonly { name: string; units: number; values: Float32Array }[];

  constructor(
    {
      config,
      itemCount,
      clicks,
    }: {
      readonly config: StepConfig;
      readonly itemCount: number;
      readonly clicks?: ClickShape | undefined;
    },
    slots: number,
  ) {
    const name = `advance-${slots}`;
    this.slots = slots;
    this.program = buildAdvanceProgram({ config, itemCount, clicks, slots, name });
    this.#input = new Int32Array(slots);
    this.#resetMask = new Float32Array(slots);
    this.#features = clicks && new Int32Array(slots * clicks.perClick);
    this.#states = stateVariables(config, `${name}.`).map((state) => {
      return { ...state, values: new Float32Array(slots * state.units) };
    });
  }

  run(runtime: Runtime, events: readonly LiveEvent[]): void {
    this.#input.fill(-1);
    this.#resetMask.fill(0, 0, events.length).fill(1, events.length);
    for (const [slot, { item }] of events.entries()) this.#input[slot] = item;
    this.#writeStates(runtime, events);
    const clickFeatures = this.#featuresOf(events);
    const inputs = { input: this.#input, resetMask: this.#resetMask };
    runProgram(runtime, this.program, clickFeatures ? { ...inputs, clickFeatures } : inputs);
    this.#readStates(runtime, events);
  }

  #featuresOf(events: readonly LiveEvent[]): Int32Array | undefined {
    const features = this.#features?.fill(-1);
    if (!features) return undefined;
    const perClick = features.length / this.slots;
    for (const [slot, event] of events.entries()) features.set(event.features ?? [], slot * perClick);
    return features;
  }

  #writeStates(runtime: Runtime, events: readonly LiveEvent[]): void {
    let start = 0;
    for (const { name, units, values } of this.#states) {
      for (const [slot, { state }] of events.entries()) {
        values.set(state.subarray(start, start + units), slot * units);
      }
      runtime.write(name, values);
      start += units;
    }
  }

  #readStates(runtime: Runtime, events: readonly LiveEvent[]): void {
    let start = 0;
    for (const { name, units } of this.#states) {
      const values = runtime.read(name);
      for (const [slot, { state }] of events.entries()) {
        state.set(values.subarray(slot * units, (slot + 1) * units), start);
      }
      start += units;
    }
  }
}
