import type { Runtime } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { expectAgreement, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it, vi } from 'vitest';

const made = randomProgram(11);
const load = (): Runtime => createReferenceEngine().load([made.program]);

describe('expectAgreement', () => {
  it('accepts an engine that agrees', () => {
    expectAgreement(load(), made);
    expect(made.program.assignments.length).toBeGreaterThan(0);
  });

  it('names the program, the step and the output that differs', () => {
    const runtime = load();
    const run = runtime.run.bind(runtime);
    let step = 0;
    vi.spyOn(runtime, 'run').mockImplementation((name, inputs) => {
      const { last, ...others } = run(name, inputs);
      if (step++ !== 1) return { ...others, last: last as Float64Array };
      return { ...others, last: (last as Float64Array).map((x) => x + 0.1) };
    });
    expect(() => expectAgreement(runtime, made)).toThrow(/^program 11, step 1, last\[0\]: expected/);
  });

  it('names the step and the variable that differs, and a missing output', () => {
    const [changed, silent] = [load(), load()];
    const write = changed.write.bind(changed);
    vi.spyOn(changed, 'write').mockImplementation((name, values) => {
      write(name, name === 'table1' ? Array.from(values, (x) => x + 1) : values);
    });
    vi.spyOn(silent, 'run').mockReturnValue({});
    expect(() => expectAgreement(changed, made)).toThrow(/^program 11, (step|after step) 0, /);
    expect(() => expectAgreement(silent, made)).toThrow(/^program 11, step 0, .*, got 0/);
  });
});
