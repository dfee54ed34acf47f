import { type Runtime, runProgram } from '@gru4rec/program';
import { buildTopProgram } from '../programs/build-inference-programs.ts';
import { historyLength } from '../programs/repeats.ts';
import type { StepConfig } from '../programs/step-config.ts';

/** Lengths of the lists that programs find. A longer list takes more time: more rows enter it and are scored. */
export const listLengths: readonly number[] = [20, 64, 128, 256, 2048];

/** The best items of a session, without a repeat bias. */
export interface TopList {
  /** Best first; equal scores by item index. */
  readonly items: Int32Array;
  /** Of `items`; undefined if the program does not compute them. */
  readonly scores?: Float64Array;
}

/** A program that lists the best items of up to `slots` sessions, and the array it is fed from. */
export class TopStep {
  readonly slots: number;
  /** Items per list. */
  readonly k: number;
  readonly program: ReturnType<typeof buildTopProgram>;
  readonly #hidden: Float32Array;

  constructor(config: StepConfig, itemCount: number, { slots, k }: { slots: number; k: number }) {
    this.slots = slots;
    this.k = k;
    this.program = buildTopProgram({ config, itemCount, slots, k, name: `top-${k}-${slots}` });
    this.#hidden = new Float32Array(slots * (config.layers.at(-1) ?? 0));
  }

  /** @param hidden - the last layer's outputs, at most `slots`. @returns a list per session (fresh). */
  run(runtime: Runtime, hidden: readonly Float32Array[]): TopList[] {
    for (const [slot, values] of hidden.entries()) this.#hidden.set(values, slot * values.length);
    const { top, scores } = runProgram(runtime, this.program, { hidden: this.#hidden });
    if (scores) return [{ items: top.slice(), scores: Float64Array.from(scores) }];
    return hidden.map((_, slot) => {
      const items = new Int32Array(this.k);
      for (let place = 0; place < this.k; place++) items[place] = top[place * this.slots + slot] ?? -1;
      return { items };
    });
  }
}

/** The programs for lists of each length, in ascending order; longer by the items that a repeat bias may move. */
export function topSteps(config: StepConfig, itemCount: number, slots: number): TopStep[] {
  const lengths = new Set(listLengths.map((length) => Math.min(length + historyLength(config), itemCount)));
  return Array.from(lengths, (k) => new TopStep(config, itemCount, { slots, k }));
}
