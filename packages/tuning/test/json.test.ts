import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isObject, type Json } from '../src/json.ts';

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

describe('isObject', () => {
  it.each([null, [], 'text', 1, undefined])('is false of %j', (value) => {
    expect(isObject(value)).toBe(false);
  });

  it('is true of an object', () => {
    expect(isObject({})).toBe(true);
  });
});
