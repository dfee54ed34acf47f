import { RandomStream } from '@gru4rec/random';
import { randomInputs, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';

describe('randomProgram', () => {
  it('makes the same program of the same seed, and another of another', () => {
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
  it('keeps indices from −1 up to the height of the tables that they are looked up in', () => {
    const made = randomProgram(11);
    const { list0 } = randomInputs(
      { ...made, limits: new Map([['list0', 2]]) },
      new RandomStream(1, 'random-inputs'),
    );
    expect([...(list0 as Int32Array)].every((index) => index >= -1 && index < 2)).toBe(true);
  });
});
