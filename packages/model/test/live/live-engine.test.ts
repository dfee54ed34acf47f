import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { trainLive } from './live-models.ts';

const modelOn = await trainLive({ cell: 'lstm', layers: [12, 7] });
const itemIds = modelOn().itemIds.slice();

/** An engine that records the programs of every load. */
function watched(): { engine: Engine; loads: string[][]; runs: string[] } {
  const [loads, runs]: [string[][], string[]] = [[], []];
  const wasm = createWasmEngine();
  const engine: Engine = {
    name: 'watched',
    load(programs) {
      const runtime = wasm.load(programs);
      loads.push(programs.map(({ name }) => name));
      return {
        variables: runtime.variables,
        run: (program, inputs) => {
          runs.push(program);
          return runtime.run(program, inputs);
        },
        read: (variable) => runtime.read(variable),
        detach: (variable) => runtime.detach(variable),
        write: (variable, values) => runtime.write(variable, values),
        dispose: () => runtime.dispose(),
      };
    },
  };
  return { engine, loads, runs };
}

describe('LiveEngine', () => {
  it('loads one runtime for all visits and sessions', () => {
    const { engine, loads } = watched();
    const model = modelOn(engine);
    const sessions = model.sessions({ slots: 6, now: () => 0 });
    expect(loads).toEqual([]);
    for (const session of ['s', 't']) sessions.click([{ session, item: itemIds[0] }]);
    for (const visit of [model.startSession(), model.startSession()]) visit.click(itemIds[0]);
    model.sessions({ slots: 4 });
    expect(loads).toEqual([['advance-1', 'advance-2', 'advance-4', 'advance-6', 'score-all', 'score-items']]);
  });

  it('loads again if more slots are requested', () => {
    const { engine, loads } = watched();
    const model = modelOn(engine);
    const visit = model.startSession();
    visit.click(itemIds[0]);
    model.sessions({ slots: 2 });
    visit.click(itemIds[1]);
    expect(loads).toEqual([
      ['advance-1', 'score-all', 'score-items'],
      ['advance-1', 'advance-2', 'score-all', 'score-items'],
    ]);
  });

  it('advances with the smallest program and scores only when asked', () => {
    const { engine, runs } = watched();
    const model = modelOn(engine);
    const sessions = model.sessions({ slots: 8, now: () => 0 });
    const events = ['s', 't', 'u', 's', 's'].map((session) => ({ session, item: itemIds[3] }));
    sessions.click(events);
    expect(runs).toEqual(['advance-4', 'advance-1', 'advance-1']);
    sessions.top('s', 1);
    sessions.rank('s', itemIds.slice(0, 3));
    expect(runs.slice(3)).toEqual(['score-all', 'score-items']);
  });
});
