import assert from 'node:assert/strict';
import { checkOptions, flag, integer, type OptionChecks, required } from '@gru4rec/checks';

interface ListOptions {
  readonly length: number;
  readonly excludeSeen?: boolean;
}
const checks: OptionChecks<ListOptions> = { length: required(integer(1)), excludeSeen: flag };
const problem = (options: object) => {
  try {
    checkOptions('list', options as ListOptions, checks);
    return undefined;
  } catch (error) {
    return String(error);
  }
};

assert.equal(problem({ length: 3 }), undefined);
assert.equal(problem({}), 'TypeError: list: "length" is required, got nothing.');
assert.equal(problem({ length: 0 }), 'RangeError: list: "length" expected integer >= 1, got 0.');
assert.equal(
  problem({ length: 3, exludeSeen: true }),
  'TypeError: list: unknown option "exludeSeen". Did you mean excludeSeen?',
);
