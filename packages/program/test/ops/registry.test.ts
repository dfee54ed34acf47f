import { opDefinition, opNames } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';

describe('opDefinition', () => {
  it('finds every op under its own name', () => {
    expect(opNames.map((name) => opDefinition(name).name)).toEqual(opNames);
  });

  it('lists the known ops for an unknown one', () => {
    expect(() => opDefinition('sofmax')).toThrow(
      /"name" expected one of gather, scatter-rows, .*, got sofmax/,
    );
  });
});
