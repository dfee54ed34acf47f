import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json, parseSpace, SpaceError } from '../src/space.ts';

const integer = { type: 'integer', low: 1, high: 9 };

describe('parseSpace', () => {
  it('accepts every type and fills in defaults', () => {
    const space = {
      dropout: { type: 'uniform', low: 0, high: 0.5 },
      rate: { type: 'log-uniform', low: 1e-3, high: 1 },
      units: { type: 'integer', low: 32, high: 96, step: 32 },
      samples: { type: 'integer', low: 1, high: 1024, log: true },
      loss: { type: 'choice', options: ['bpr-max', 'cross-entropy'] },
      layers: { type: 'choice', options: [[100], [100, 100], null, { a: 1 }] },
      epochs: { type: 'constant', value: 5 },
    };
    expect(parseSpace(space)).toEqual({
      ...space,
      units: { ...space.units, log: false },
      samples: { ...space.samples, step: 1 },
    });
  });

  it.each([null, true, 0.5, 'gru', [100], { width: 3 }])('reads %j as a constant', (value) => {
    expect(parseSpace({ key: value })).toEqual({ key: { type: 'constant', value } });
  });

  it.each([null, [], 7, {}, undefined])('refuses %j as a space', (json) => {
    expect(() => parseSpace(json)).toThrow(
      'parseSpace: "space" expected an object of parameters by name, got ',
    );
  });

  it.each([
    [
      { type: 'normal' },
      '"x.type" expected one of uniform, log-uniform, integer, choice, constant, got "normal"',
    ],
    [{ type: 'uniform', low: 0 }, '"x.high" expected a finite number, got nothing'],
    [{ type: 'uniform', low: 1, high: 1 }, '"x.high" expected a number > low = 1, got 1'],
    [
      { type: 'uniform', low: -1e308, high: 1e308 },
      '"x.high" expected a finite distance from low, got 1e+308',
    ],
    [{ type: 'uniform', low: 0, high: 1, step: 1 }, '"x" expected the keys type, low, high, got "step"'],
    [{ type: 'log-uniform', low: 0, high: 1 }, '"x.low" expected a finite number > 0, got 0'],
    [{ ...integer, step: 3 }, '"x.high" expected low plus a multiple of step, such as 7, got 9'],
    [{ ...integer, low: 0, log: true }, '"x.low" expected an integer ≥ 1 with log, got 0'],
    [{ ...integer, step: 2, log: true }, '"x.step" expected 1 with log, got 2'],
    [{ type: 'choice', options: [[1], [1]] }, '"x.options" expected distinct values'],
    [Number.NaN, '"x" expected a JSON value, got NaN'],
  ])('refuses %j', (parameter, message) => {
    const parse = () => parseSpace({ fine: 1, x: parameter });
    expect(parse).toThrow(SpaceError);
    expect(parse).toThrow(`parseSpace: ${message}`);
  });

  it('names every problem', () => {
    expect(() => parseSpace({ a: { type: 'x' }, b: { ...integer, low: 'l', high: 'h' } })).toThrow(
      'parseSpace: "a.type" expected one of uniform, log-uniform, integer, choice, constant, got "x"; "b.low" expected an integer, got "l"; "b.high" expected an integer, got "h".',
    );
  });
});

describe('canonicalJson', () => {
  it('sorts the keys of every object and keeps the order of arrays', () => {
    expect(canonicalJson({ b: [2, { d: 1, c: null }], a: true })).toBe('{"a":true,"b":[2,{"c":null,"d":1}]}');
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
