import { RandomStream } from '@gru4rec/random';
import { randomInputs, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';

describe('randomProgram', () => {
  it('makes equal programs from equal seeds, and different ones from others', () => {
    expect(randomProgram(7)).toEqual(randomProgram(7));
    expect(randomProgram(7).program).not.toEqual(randomProgram(8).program);
  });

  it('changes variables and has outputs', () => {
    const programs = Array.from({ length: 40 }, (_, seed) => randomProgram(seed).program);
    expect(programs.every(({ outputs }) => 'last' in outputs)).toBe(true);
    expect(programs.filter(({ updates }) => updates.length > 0).length).toBeGreaterThan(20);
    expect(programs.filter(({ assignments }) => assignments.length > 0).length).toBeGreaterThan(20);
  });
});

describe('randomInputs', () => {
  it('keeps indices between −1 and the number of rows of the tables they are used with', () => {
    const made = randomProgram(11);
    const { list0 } = randomInputs(
      { ...made, limits: new Map([['list0', 2]]) },
      new RandomStream(1, 'random-inputs'),
    );
    expect([...(list0 as Int32Array)].every((index) => index >= -1 && index < 2)).toBe(true);
  });
});
