import { describe, expect, it } from 'vitest';
import { valueNamed } from '../src/index.ts';

describe('valueNamed', () => {
  const known = new Map([
    ['state', 0],
    ['table', 1],
  ]);

  it('finds a value by its name, also a falsy one', () => {
    expect(valueNamed('read', 'variable', known, 'state')).toBe(0);
    expect(valueNamed('read', 'variable', known, 'table')).toBe(1);
  });

  it('lists the known names', () => {
    expect(() => valueNamed('read', 'variable', known, 'stat')).toThrow(
      new RangeError('read: "variable" expected one of state, table, got stat'),
    );
  });
});
