import { expect, it } from 'vitest';
import { ciRows } from '../../src/ci/rows.ts';

// The first row loads the engine and the model.
it.each(ciRows.map(({ name, prepare }) => [name, prepare] as const))(
  'can run %s',
  async (_, prepare) => {
    const work = await prepare();
    expect(() => work(1)).not.toThrow();
  },
  60_000,
);
