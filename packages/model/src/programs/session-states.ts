import type { Runtime } from '@gru4rec/program';
import type { StepConfig } from '../model-config.ts';
import { stateVariables } from './forward.ts';

/** The hidden states of a program with one session per slot, whose sessions are kept outside: one array per session. */
export class SessionStates {
  readonly length: number;
  readonly #variables: readonly { name: string; units: number; values: Float32Array }[];

  constructor(config: StepConfig, prefix: string, slots: number) {
    const variables = stateVariables(config, prefix);
    this.length = variables.reduce((sum, { units }) => sum + units, 0);
    this.#variables = variables.map((v) => ({ ...v, values: new Float32Array(slots * v.units) }));
  }

  /** Puts the sessions into the first slots, and zeros into the others. */
  write(runtime: Runtime, sessions: readonly Float32Array[]): void {
    let start = 0;
    for (const { name, units, values } of this.#variables) {
      for (const [slot, session] of sessions.entries()) {
        values.set(session.subarray(start, start + units), slot * units);
      }
      runtime.write(name, values.fill(0, sessions.length * units));
      start += units;
    }
  }

  /** Overwrites the sessions with what the first slots have. */
  read(runtime: Runtime, sessions: readonly Float32Array[]): void {
    let start = 0;
    for (const { name, units } of this.#variables) {
      const values = runtime.read(name);
      for (const [slot, session] of sessions.entries()) {
        session.set(values.subarray(slot * units, (slot + 1) * units), start);
      }
      start += units;
    }
  }
}
