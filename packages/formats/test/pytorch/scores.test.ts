import { createWasmEngine } from '@gru4rec/engine-wasm';
import { Gru4Rec } from '@gru4rec/model';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/safetensors.ts';
import { configOf, fixture, fixtureNames, weightsOf } from './fixtures.ts';

const engines = { reference: createReferenceEngine(), wasm: createWasmEngine() };
const elu = (x: number): number => (x > 0 ? x : 0.5 * Math.expm1(x));

describe.each(Object.entries(engines))('an imported model on the %s engine', (_name, engine) => {
  it.each(fixtureNames)('scores sessions as torch does, %s', async (name) => {
    const config = configOf(name);
    const stored = await readSafetensors(weightsOf(name), config);
    expect([...stored.itemIds]).toEqual(Array.from({ length: 7 }, (_, i) => `item-${i}`));
    const session = new Gru4Rec({ ...stored, engine }).scorer().open(1);
    const act = config.finalAct === 'elu-0.5' ? elu : (x: number) => x;
    for (const { items, scores } of fixture(name).sessions) {
      for (const [i, item] of items.entries()) {
        const got = session.step(Int32Array.of(item), Float32Array.of(i === 0 ? 1 : 0));
        const expected = scores[i]!.map(act);
        expectClose(got, expected, { absolute: 1e-5, relative: 0, name: `scores ${i}` });
      }
    }
    session.close();
    expect(config.finalAct).toBe(name === 'constrained' ? 'elu-0.5' : 'linear');
  });
});
