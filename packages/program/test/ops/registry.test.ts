import { describe, expect, it } from 'vitest';
import { opDefinition } from '../../src/ops/registry.ts';

describe('opDefinition', () => {
  it.each(['sofmax', 'region', 'toString'])('lists the known ops for %s', (name) => {
    expect(() => opDefinition(name)).toThrow(
      new RegExp(`"name" expected one of gather, scatter-rows, .*, got ${name}`),
    );
  });
});
