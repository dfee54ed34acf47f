import { adagrad, type Engine, type Program, ProgramBuilder, sgd } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { expectClose, type Tolerance } from '../closeness.ts';
import { Trial } from './trial.ts';

const exact: Tolerance = { absolute: 0, relative: 0 };

/** Registers tests of what a runtime guarantees besides its ops: variables, state and errors. */
export function runtimeSuite(engineOf: () => Engine, tolerance: Tolerance): void {
  variableSuite(engineOf);
  stateSuite(engineOf, tolerance);
  errorSuite(engineOf);
}

/** `train` lowers weights [2, 3] by 1 · gradient / √(gradient² + ε); `score` reads it. */
function trainAndScore(): readonly [Program, Program] {
  const train = new ProgramBuilder('train');
  train.variable('weights', 'parameter', 2, 3);
  const gradient = train.input('gradient', { dtype: 'f32', rows: 2, cols: 3 });
  train.update('weights', { kind: 'dense', tensor: gradient }, adagrad(), [train.constant(1)]);
  const score = new ProgramBuilder('score');
  const items = score.input('items', { dtype: 'i32', rows: 2, cols: 1 });
  score.output('rows', score.gather(score.variable('weights', 'parameter', 2, 3), items));
  score.output('items', items);
  return [train.build(), score.build()];
}

function variableSuite(engineOf: () => Engine): void {
  describe('variables', () => {
    it('start at zero and are copied when written and read', () => {
      const runtime = engineOf().load(trainAndScore());
      expect(Array.from(runtime.read('weights'))).toEqual([0, 0, 0, 0, 0, 0]);
      runtime.write('weights', [1, 2, 3, 4, 5, 6]);
      runtime.read('weights').fill(9);
      expect(Array.from(runtime.read('weights'))).toEqual([1, 2, 3, 4, 5, 6]);
      runtime.dispose();
    });

    it('are written by rows, and detached as a whole', () => {
      const runtime = engineOf().load(trainAndScore());
      runtime.write('weights', [1, 2, 3, 4, 5, 6]);
      runtime.write('weights', [7, 8, 9], 1);
      expect(Array.from(runtime.detach('weights'))).toEqual([1, 2, 3, 7, 8, 9]);
    });

    it.each([
      [[1, 2, 3], 2],
      [[1, 2], 0],
      [[1, 2, 3], -1],
      [[1, 2, 3], 0.5],
    ])('refuse %j from row %d on', (values, fromRow) => {
      const runtime = engineOf().load(trainAndScore());
      expect(() => runtime.write('weights', values, fromRow)).toThrow(
        /write: "weights" expected whole rows of 3 within 2, got/,
      );
    });

    it('are shared by name between programs', () => {
      const runtime = engineOf().load(trainAndScore());
      runtime.write('weights', [1, 2, 3, 4, 5, 6]);
      const items = Int32Array.of(1, 0);
      const before = runtime.run('score', { items });
      expect(Array.from(before.rows ?? [])).toEqual([4, 5, 6, 1, 2, 3]);
      expect(before.items).toEqual(items);
      runtime.run('train', { gradient: new Float32Array(6).fill(1000) });
      const after = runtime.run('score', { items });
      expectClose(after.rows ?? [], [3, 4, 5, 0, 1, 2], { absolute: 1e-5, relative: 0 });
      runtime.dispose();
    });

    it('are listed once', () => {
      const runtime = engineOf().load(trainAndScore());
      expect(runtime.variables.map(({ name, rows, cols }) => ({ name, rows, cols }))).toEqual([
        { name: 'weights', rows: 2, cols: 3 },
        { name: 'weights.acc', rows: 2, cols: 3 },
      ]);
      runtime.dispose();
    });
  });
}

function stateSuite(engineOf: () => Engine, tolerance: Tolerance): void {
  describe('state', () => {
    for (const [rows, cols] of [
      [1, 1],
      [7, 10],
      [33, 16],
      [2, 18],
    ] as const) {
      it(`carries [${rows}, ${cols}] from step to step`, () => {
        const trial = new Trial('state');
        const b = trial.builder;
        const hidden = trial.variable('hidden', 'state', rows, cols);
        const next = b.tanh(b.add(hidden, trial.uniform(rows, cols)));
        b.assign('hidden', next);
        trial.check('before', hidden);
        trial.check('after', next);
        trial.compare(engineOf(), tolerance, 3);
      });
    }

    it('is assigned after every read, so that two states can swap', () => {
      const trial = new Trial('swap');
      const a = trial.variable('a', 'state', 7, 10);
      const b = trial.variable('b', 'state', 7, 10);
      trial.builder.assign('a', b);
      trial.builder.assign('b', a);
      trial.check('a before', a);
      trial.compare(engineOf(), exact, 3);
    });

    it('is assigned an input directly', () => {
      const trial = new Trial('from-input');
      trial.variable('a', 'state', 3, 5);
      trial.builder.assign('a', trial.uniform(3, 5));
      trial.compare(engineOf(), exact, 2);
    });
  });
}

/** Looks up rows of a table of five, ranks rows of three, and adds to those of a table of four. */
function indexTables(): Program {
  const b = new ProgramBuilder('rows');
  const indices = (name: string) => b.input(name, { dtype: 'i32', rows: 2, cols: 1 });
  b.output('rows', b.gather(b.variable('five', 'table', 5, 1), indices('looked')));
  b.output('counts', b.rankCounts(b.constant(0, 3, 2), indices('ranked')));
  b.variable('four', 'table', 4, 1);
  const parts = [{ indices: indices('added'), rows: b.constant(1, 2, 1) }];
  b.update('four', { kind: 'rows', parts }, sgd(), [b.constant(1)]);
  return b.build();
}

/** Matches a text that contains all of these words. */
function allOf(...words: readonly string[]): RegExp {
  return new RegExp(words.map((word) => `(?=[\\s\\S]*${word})`).join(''));
}

function errorSuite(engineOf: () => Engine): void {
  const expectRangeError = (act: () => unknown, ...words: readonly string[]): void => {
    expect(act).toThrow(RangeError);
    expect(act).toThrow(allOf(...words));
  };

  describe('errors', () => {
    it('name an unknown program and the known ones', () => {
      const runtime = engineOf().load(trainAndScore());
      expectRangeError(() => runtime.run('trian', {}), 'trian', 'train', 'score');
      runtime.dispose();
    });

    it('name an unknown, a missing and a wrongly sized input', () => {
      const runtime = engineOf().load(trainAndScore());
      const items = Int32Array.of(0, 0);
      expectRangeError(() => runtime.run('score', { items, surplus: 1 }), 'score', 'items', 'surplus');
      expectRangeError(() => runtime.run('score', {}), 'score', 'items');
      expectRangeError(() => runtime.run('score', { items: Int32Array.of(0) }), 'items', '2', '1');
      expectRangeError(() => runtime.run('score', { items: 0 }), 'items', '2', '1');
      runtime.dispose();
    });

    it('name an unknown variable and wrongly sized values', () => {
      const runtime = engineOf().load(trainAndScore());
      expectRangeError(() => runtime.read('wieghts'), 'weights', 'wieghts');
      expectRangeError(() => runtime.write('wieghts', [1]), 'weights', 'wieghts');
      expectRangeError(() => runtime.write('weights', [1, 2]), 'weights', '6', '2');
      runtime.dispose();
    });

    it('name a variable that two programs disagree on', () => {
      const other = new ProgramBuilder('other');
      other.output('weights', other.variable('weights', 'parameter', 3, 2));
      expectRangeError(
        () => engineOf().load([...trainAndScore(), other.build()]),
        'weights',
        'train',
        'other',
      );
    });

    it('name an index past the end of a table that is read, ranked or only updated, and change nothing', () => {
      const runtime = engineOf().load([indexTables()]);
      const fits = { looked: [4, -1], ranked: [2, -1], added: [3, -1] };
      const run = (indices: object) => () =>
        runtime.run(
          'rows',
          Object.fromEntries(
            Object.entries({ ...fits, ...indices }).map(([k, v]) => [k, Int32Array.from(v)]),
          ),
        );
      expectRangeError(run({ looked: [0, 5] }), 'index', 'got 5');
      expectRangeError(run({ looked: [-2, 0] }), 'index', 'got -2');
      expectRangeError(run({ ranked: [3, 0] }), 'index', 'got 3');
      expectRangeError(run({ added: [0, 4] }), 'index', 'got 4');
      expect(Array.from(runtime.read('four'))).toEqual([0, 0, 0, 0]);
      expect(run({})).not.toThrow();
      runtime.dispose();
    });
  });
}
