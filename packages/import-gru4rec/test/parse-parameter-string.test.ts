import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OriginalFormatError } from '../src/original-format-error.ts';
import { parseParameterString } from '../src/parse-parameter-string.ts';

describe('parseParameterString', () => {
  it('reads names and values as strings', () => {
    expect(parseParameterString('loss=bpr-max, layers=512/256,constrained_embedding=True,adapt=')).toEqual({
      loss: 'bpr-max',
      layers: '512/256',
      constrained_embedding: 'True',
      adapt: '',
    });
  });

  it.each([
    ['', '""'],
    ['loss', '"loss"'],
    ['layers=100,', '""'],
    ['=1', '"=1"'],
    ['a=b=c', '"a=b=c"'],
  ])('refuses %j', (text, got) => {
    expect(() => parseParameterString(text)).toThrow(
      `parseParameterString: "parameters" expected name=value pairs between commas, got ${got}. Write lists with /`,
    );
  });

  it('refuses a repeated name', () => {
    expect(() => parseParameterString('layers=100,layers=200')).toThrow(
      'parseParameterString: "layers" expected one value, got ["100","200"]. Keep one of them.',
    );
  });

  it('keeps a name of the prototype as a name', () => {
    const parameters = parseParameterString('__proto__=1');
    expect(Object.entries(parameters)).toEqual([['__proto__', '1']]);
  });

  it('throws no other error for any input', () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '=', ',', '/', ' ', '1') }));
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(typeof parseParameterString(text)).toBe('object');
        } catch (error) {
          expect(error).toBeInstanceOf(OriginalFormatError);
        }
      }),
    );
  });
});
