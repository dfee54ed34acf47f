import { type Program, ProgramBuilder, type Runtime } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../../src/interpreter/index.ts';

/** state' = state + x, with the state before the step as output. */
function counting(name = 'count', cols = 2): Program {
  const b = new ProgramBuilder(name);
  const state = b.variable('state', 'state', 1, cols);
  b.assign('state', b.add(state, b.input('x', { dtype: 'f32', rows: 1, cols })));
  const scale = b.input('scale', { dtype: 'f32', rows: 1, cols: 1 });
  b.output('before', b.multiply(state, scale));
  b.output('state', state);
  return b.build();
}

function load(...programs: readonly Program[]): Runtime {
  return createReferenceEngine().load(programs);
}

const x = Float32Array.of(1, 2);

describe('createReferenceEngine', () => {
  it('carries state and returns its value before the step', () => {
    const runtime = load(counting());
    expect(runtime.run('count', { x, scale: 1 }).state).toEqual(Float64Array.of(0, 0));
    expect(runtime.run('count', { x, scale: 3 })).toEqual({
      before: Float64Array.of(3, 6),
      state: Float64Array.of(1, 2),
    });
    expect(runtime.read('state')).toEqual(Float64Array.of(2, 4));
  });

  it('keeps float64 values and returns copies', () => {
    const runtime = load(counting());
    runtime.write('state', [0.1, 0.2]);
    runtime.run('count', { x: new Float32Array(2), scale: 0.1 }).state?.fill(9);
    expect(runtime.read('state')).toEqual(Float64Array.of(0.1, 0.2));
    expect(runtime.run('count', { x, scale: 0.1 }).before[0]).toBe(0.1 * 0.1);
  });

  it('shares variables between programs', () => {
    const runtime = load(counting('first'), counting('second'));
    runtime.run('first', { x, scale: 1 });
    expect(runtime.run('second', { x, scale: 1 }).state).toEqual(Float64Array.of(1, 2));
    expect(runtime.variables.map((v) => v.name)).toEqual(['state']);
    runtime.dispose();
  });

  it('refuses programs that disagree on a variable, or share a name', () => {
    expect(() => load(counting('first'), counting('second', 3))).toThrow(
      new RangeError(
        'load: variable "state" expected f32 [1, 2] as in program "first", got f32 [1, 3] in program "second"',
      ),
    );
    expect(() => load(counting(), counting())).toThrow(
      'load: "programs" expected different names, got count twice',
    );
  });

  it('names an unknown, a missing, a wrongly sized and a wrongly typed input', () => {
    const runtime = load(counting());
    const where = 'run: "inputs" of program "count" expected x, scale, got';
    expect(() => runtime.run('count', { x, scale: 1, y: 2 })).toThrow(`${where} y`);
    expect(() => runtime.run('count', { x })).toThrow(`${where} no scale`);
    expect(() => runtime.run('count', { x: 1, scale: 1 })).toThrow(
      'run: "x" expected 2 values for f32 [1, 2], got 1',
    );
    expect(() => runtime.run('count', { x: Int32Array.of(1, 2), scale: 1 })).toThrow(
      new TypeError('run: "x" expected Float32Array, got Int32Array'),
    );
  });
});
