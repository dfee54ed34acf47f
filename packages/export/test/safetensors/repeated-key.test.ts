import { describe, expect, it } from 'vitest';
import { repeatedKey } from '../../src/safetensors/repeated-key.ts';

describe('repeatedKey', () => {
  it.each([
    ['{"a":1,"b":2,"a":3}', 'a'],
    ['{"a":{"b":1,"b":2}}', 'b'],
    ['{"a":[{"b":1},{"c":1,"c":2}]}', 'c'],
    [String.raw`{"a":1,"\u0061":2}`, 'a'],
    [String.raw`{"\"":1,"\"":2}`, '"'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('finds it in %s', (json, key) => {
    expect(repeatedKey(json)).toBe(key);
  });

  it.each([
    '{}',
    '[1,"a","a"]',
    '{"a":"a","b":"a:a"}',
    '{"a":{"b":1},"b":{"a":1}}',
    '[{"a":1},{"a":1}]',
    String.raw`{"a\\":1,"a":2}`,
  ])('finds none in %s', (json) => {
    JSON.parse(json);
    expect(repeatedKey(json)).toBeUndefined();
  });
});
