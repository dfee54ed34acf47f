import { describe, expect, it } from 'vitest';
import { repeatedKey } from '../../../src/backends/duckdb/clean-copy.ts';

const flat = { line: ['s', 'i'], eventsField: undefined, event: [] };
const nested = { line: ['s', 'events'], eventsField: 'events', event: ['i'] };

describe('repeatedKey', () => {
  it.each([
    ['{"s":1,"i":2,"s":3}', 's'],
    ['{"i":1,"x":{"i":2},"\\u0069":3}', 'i'],
    ['{"s":1,"i":2}', undefined],
    ['{"x":1,"x":2,"s":1}', undefined],
    ['{"s":1,"x":{"s":2,"s":3}}', undefined],
    ['{"s":"i\\":1,\\"s\\":2","i":"\\\\"}', undefined],
    ['{"s":"\\\\","s":1}', 's'],
  ])('finds in %s the key %s', (json, key) => {
    expect(repeatedKey(json, flat)).toBe(key);
  });

  it.each([
    ['{"s":1,"events":[{"i":1},{"i":2,"i":3}]}', 'i'],
    ['{"s":1,"other":[{"i":1,"i":2}],"events":[{"i":1}]}', undefined],
    ['{"events":[],"events":[{"i":1}]}', 'events'],
  ])('finds in the session %s the key %s', (json, key) => {
    expect(repeatedKey(json, nested)).toBe(key);
  });
});
