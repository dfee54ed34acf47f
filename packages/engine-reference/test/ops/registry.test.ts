import { opNames } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { kernelOf } from '../../src/interpret.ts';
import { kernels } from '../../src/ops/registry.ts';

describe('kernels', () => {
  it('has one for every op', () => {
    expect(Object.keys(kernels).sort()).toEqual([...opNames].sort());
  });

  it('lists the known ops for a missing one', () => {
    expect(() => kernelOf('softmax')).toThrow(
      /reference engine: "op" expected one of gather, .*, got softmax/,
    );
  });
});
