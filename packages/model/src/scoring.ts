import type { ScoringSession, TargetRanks } from '@gru4rec/metrics';
import type { Program, Runtime } from '@gru4rec/program';
import { buildRankProgram } from './programs/build-rank-program.ts';
import { buildScoreProgram } from './programs/build-score-program.ts';
import { stateVariables } from './programs/forward.ts';
import type { StepConfig } from './programs/step-config.ts';

/** What a scoring session is opened on. */
export interface ScoringOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  readonly slots: number;
  /** Gives a runtime with this program and the model's parameters; the session disposes it. */
  readonly load: (program: Program) => Runtime;
}

/** Sessions side by side. A program is loaded when it is first needed, `score` or `rank`, one at a time. */
export function openScoring(options: ScoringOptions): ScoringSession {
  return new Scoring(options);
}

class Scoring implements ScoringSession {
  readonly #options: ScoringOptions;
  #loaded: { readonly program: string; readonly k: number; readonly runtime: Runtime } | undefined;

  constructor(options: ScoringOptions) {
    this.#options = options;
  }

  step(input: Int32Array, resetMask: Float32Array): Float32Array | Float64Array {
    const { config, itemCount, slots } = this.#options;
    this.#expectSlots('step', input);
    const runtime = this.#use('score', 0, () => buildScoreProgram(config, itemCount, slots));
    return runtime.run('score', { input, resetMask }).scores as Float32Array | Float64Array;
  }

  rank(input: Int32Array, resetMask: Float32Array, target: Int32Array, k: number): TargetRanks {
    const { config, itemCount, slots } = this.#options;
    this.#expectSlots('rank', input);
    const runtime = this.#use('rank', k, () => buildRankProgram({ config, itemCount, slots, k }));
    return targetRanksOf(runtime, { input, resetMask, target }, slots);
  }

  close(): void {
    this.#loaded?.runtime.dispose();
    this.#loaded = undefined;
  }

  #expectSlots(caller: string, input: Int32Array): void {
    const { slots } = this.#options;
    if (input.length === slots) return;
    throw new RangeError(`${caller}: "input" expected ${slots} items, one a slot, got ${input.length}`);
  }

  /** The runtime of a program, with the states of the one before. */
  #use(program: string, k: number, build: () => Program): Runtime {
    const loaded = this.#loaded;
    if (loaded?.program === program && loaded.k === k) return loaded.runtime;
    const runtime = this.#options.load(build());
    if (loaded) {
      for (const { name } of stateVariables(this.#options.config, '')) {
        runtime.write(`${program}.${name}`, loaded.runtime.read(`${loaded.program}.${name}`));
      }
      loaded.runtime.dispose();
    }
    this.#loaded = { program, k, runtime };
    return runtime;
  }
}

/** Inputs of the program `rank`. */
interface RankInputs {
  readonly [name: string]: Int32Array | Float32Array;
  readonly input: Int32Array;
  readonly resetMask: Float32Array;
  readonly target: Int32Array;
}

/** Runs the program `rank` of so many slots. */
export function targetRanksOf(runtime: Runtime, inputs: RankInputs, slots: number): TargetRanks {
  const { counts, top } = runtime.run('rank', inputs);
  const both = counts as Float32Array | Float64Array;
  return { better: both.subarray(0, slots), equal: both.subarray(slots), top: top as Int32Array };
}
