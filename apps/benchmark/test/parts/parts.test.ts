import { expect, it } from 'vitest';
import { parts } from '../../src/parts/parts.ts';

// The first part loads the engine and the model.
it.each(parts.map(({ name, prepare }) => [name, prepare] as const))(
  'can run %s',
  async (_, prepare) => {
    const work = await prepare();
    expect(() => work(1)).not.toThrow();
  },
  60_000,
);
