import { describe, expect, it } from 'vitest';
import {
  anything,
  callback,
  checkHas,
  checkOptions,
  countOrAll,
  finite,
  flag,
  integer,
  type OptionChecks,
  oneOf,
  positive,
  required,
  share,
  text,
} from '../src/index.ts';

interface Options {
  readonly length: number;
  readonly excludeSeen?: boolean;
  readonly rule?: string;
}
const checks: OptionChecks<Options> = {
  length: required(integer(1)),
  excludeSeen: flag,
  rule: { ...oneOf(['mean', 'median']), advice: 'Choose one.' },
};
const check = (options: unknown): void => checkOptions('list', options as Options, checks);

describe('checkOptions', () => {
  it('accepts known options, and takes undefined ones for absent', () => {
    expect(check({ length: 1, excludeSeen: undefined, rule: 'mean', other: undefined })).toBeUndefined();
  });

  it.each([
    [undefined, 'list: "options" expected an object with length, got nothing.'],
    [[], 'list: "options" expected an object with length, got [].'],
    [{}, 'list: "length" is required, got nothing.'],
    [{ length: 1, exclude_seen: true }, 'list: unknown option "exclude_seen". Did you mean excludeSeen?'],
    [
      { length: 1, toString: 1 },
      'list: unknown option "toString". The options are length, excludeSeen, rule.',
    ],
  ])('refuses %j as a TypeError', (options, message) => {
    expect(() => check(options)).toThrow(new TypeError(message));
  });

  it.each([
    [{ length: 0 }, 'list: "length" expected integer >= 1, got 0.'],
    [{ length: 1, excludeSeen: 'no' }, 'list: "excludeSeen" expected true or false, got "no".'],
    [{ length: 1, rule: ['mean'] }, 'list: "rule" expected mean, median, got ["mean"]. Choose one.'],
  ])('refuses %j as a RangeError', (options, message) => {
    expect(() => check(options)).toThrow(new RangeError(message));
  });

  it('says of a function without options that it has none', () => {
    expect(() => checkOptions<object>('pop', { days: 1 }, {})).toThrow(
      'pop: unknown option "days". There are none.',
    );
  });
});

describe('checkHas', () => {
  it('names the property that an argument lacks', () => {
    expect(() => checkHas('train', 'data', { train: 1 }, ['train', 'support'])).toThrow(
      new TypeError('train: "data.support" is required, got nothing.'),
    );
  });
});

describe('the checks', () => {
  it.each([
    ['anything', anything, [0, {}], [null]],
    ['callback', callback, [() => 1], [null, {}]],
    ['countOrAll', countOrAll, [1, Number.POSITIVE_INFINITY], [0, 1.5, '1']],
    ['finite', finite(0), [0, 0.5], [-1, Number.NaN, Number.POSITIVE_INFINITY, '1']],
    ['integer', integer(2), [2, 2 ** 53 - 1], [1, 2.5, 2 ** 53, '2']],
    ['positive', positive, [0.1, Number.POSITIVE_INFINITY], [0, Number.NaN, '1']],
    ['share', share, [0, 1], [-0.1, 1.1, '0']],
    ['text', text, [''], [1, null]],
  ])('%s accepts and refuses', (_, { fits }, right, wrong) => {
    expect([...right, ...wrong].map(fits)).toEqual([...right.map(() => true), ...wrong.map(() => false)]);
  });
});
