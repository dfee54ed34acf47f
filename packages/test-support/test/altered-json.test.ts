import { describe, expect, it } from 'vitest';
import { alteredJson } from '../src/altered-json.ts';

describe('alteredJson', () => {
  it('changes each value in turn, except those of skipped keys', () => {
    const value = { a: 1, list: [{ b: 2 }, 3, 4], checksum: 'c' };
    const altered = [...alteredJson(value, ['checksum'])];
    const places = new Set(altered.map(({ label }) => label.split(/: | /)[0]));
    expect([...places]).toEqual(['a', 'list', 'list.0', 'list.0.b', 'list.2']);
    const by = new Map(altered.map((case_) => [case_.label, case_.value]));
    expect(by.get('list.0.b: null')).toEqual({ ...value, list: [{ b: null }, 3, 4] });
    expect(by.get('list.2 is missing')).toEqual({ ...value, list: [{ b: 2 }, 3] });
    expect(by.get('a is missing')).toEqual({ list: value.list, checksum: 'c' });
    expect(by.get('a key more')).toEqual({ ...value, more: 1 });
  });
});
