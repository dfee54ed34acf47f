import type { Scores } from '@gru4rec/metrics';
import type { Program, Runtime, RuntimeArray } from '@gru4rec/program';
import {
  buildAdvanceProgram,
  buildScoreAllProgram,
  buildScoreItemsProgram,
} from '../programs/build-live-programs.ts';
import { stateVariables } from '../programs/forward.ts';
import type { StepConfig } from '../programs/step-config.ts';

/** Items that one run scores; a longer list takes several. */
const ITEMS_A_RUN = 256;

/** One event of one session. */
export interface LiveEvent {
  /** All states of the session, in order, zeros at its start; replaced by the next ones. */
  readonly state: Float32Array;
  readonly item: number;
}

/** What the live programs are built for, and how they come into an engine. */
export interface LiveEngineOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Loads programs and gives them the model's parameters. */
  readonly load: (programs: readonly Program[]) => Runtime;
}

/** One runtime for all live sessions of a model. It keeps no session: their states are handed in. */
export class LiveEngine {
  /** Numbers of a session's state. */
  readonly stateLength: number;
  readonly #options: LiveEngineOptions;
  /** Where the last layer's output lies within a state. */
  readonly #output: { start: number; end: number };
  readonly #items = new Int32Array(ITEMS_A_RUN);
  #mostSlots = 1;
  #steps: AdvanceStep[] = [];
  #loaded: Runtime | undefined;

  constructor(options: LiveEngineOptions) {
    const { config } = options;
    const states = stateVariables(config, '');
    this.#options = options;
    this.stateLength = states.reduce((sum, { units }) => sum + units, 0);
    const units = config.layers.at(-1) ?? 0;
    const start = this.stateLength - units * (states.length / config.layers.length);
    this.#output = { start, end: start + units };
  }

  /** Makes room for so many events of one call. */
  reserve(slots: number): void {
    if (slots <= this.#mostSlots) return;
    this.#mostSlots = slots;
    this.dispose();
  }

  /** Takes one more event in each of at most as many sessions as were reserved, no session twice. */
  advance(events: readonly LiveEvent[]): void {
    const runtime = this.#runtime;
    // Every slot costs the same, idle or not (3 µs of 100 units): the smallest program that holds all.
    this.#steps.find(({ slots }) => slots >= events.length)?.run(runtime, events);
  }

  /**
   * Scores of all items for one session. Not for several at once: a row alone takes 0.21 ms, a row of 32 together
   * 0.13 ms, one of 8 0.19 ms (27,000 items, 100 units), and the scores of all would have to be held.
   *
   * @returns [I]; a view valid until the next call.
   */
  scoreAll(state: Float32Array): Scores {
    return this.#runtime.run('score-all', { hidden: this.#hidden(state) }).scores as Scores;
  }

  /** Scores of some items for one session (fresh). */
  scoreItems(state: Float32Array, items: Int32Array): Float64Array {
    const runtime = this.#runtime;
    const hidden = this.#hidden(state);
    const scores = new Float64Array(items.length);
    for (let start = 0; start < items.length; start += ITEMS_A_RUN) {
      const some = items.subarray(start, start + ITEMS_A_RUN);
      this.#items.fill(-1).set(some);
      const found = runtime.run('score-items', { hidden, items: this.#items }).scores as RuntimeArray;
      scores.set(found.subarray(0, some.length), start);
    }
    return scores;
  }

  /** Frees the engine's memory; the next use loads it again. */
  dispose(): void {
    this.#loaded?.dispose();
    this.#loaded = undefined;
  }

  #hidden(state: Float32Array): Float32Array {
    return state.subarray(this.#output.start, this.#output.end);
  }

  get #runtime(): Runtime {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  #load(): Runtime {
    const { config, itemCount, load } = this.#options;
    const step = { config, itemCount, slots: 1 };
    this.#steps = [];
    for (let slots = 1; ; slots = Math.min(2 * slots, this.#mostSlots)) {
      this.#steps.push(new AdvanceStep(config, slots));
      if (slots === this.#mostSlots) break;
    }
    return load([
      ...this.#steps.map(({ name, slots }) => buildAdvanceProgram({ ...step, name, slots })),
      buildScoreAllProgram({ ...step, name: 'score-all' }),
      buildScoreItemsProgram({ ...step, name: 'score-items' }, ITEMS_A_RUN),
    ]);
  }
}

/** One program that advances so many slots, and what it is fed from. */
class AdvanceStep {
  readonly slots: number;
  readonly name: string;
  readonly #input: Int32Array;
  readonly #resetMask: Float32Array;
  readonly #states: readonly { name: string; units: number; values: Float32Array }[];

  constructor(config: StepConfig, slots: number) {
    this.slots = slots;
    this.name = `advance-${slots}`;
    this.#input = new Int32Array(slots);
    this.#resetMask = new Float32Array(slots);
    this.#states = stateVariables(config, `${this.name}.`).map(({ name, units }) => {
      return { name, units, values: new Float32Array(slots * units) };
    });
  }

  run(runtime: Runtime, events: readonly LiveEvent[]): void {
    this.#input.fill(-1);
    this.#resetMask.fill(0, 0, events.length).fill(1, events.length);
    for (const [slot, { item }] of events.entries()) this.#input[slot] = item;
    this.#writeStates(runtime, events);
    runtime.run(this.name, { input: this.#input, resetMask: this.#resetMask });
    this.#readStates(runtime, events);
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
