import { describe, expect, it } from 'vitest';
import { findLongAssembly } from '../lib/assembly-sizes.mjs';

function functionOf(lines: number): string {
  return `@inline\nexport function add(a: i32): i32 {\n${'  a++;\n'.repeat(lines - 2)}}\n`;
}

describe('findLongAssembly', () => {
  it('accepts a function of 60 lines', () => {
    expect(findLongAssembly('a.ts', functionOf(60))).toEqual([]);
  });

  it('reports a function of 61 lines', () => {
    expect(findLongAssembly('a.ts', functionOf(61))).toEqual([
      'a.ts:2: add has 61 lines, expected at most 60',
    ]);
  });

  it('does not take a function of one line for the start of a longer one', () => {
    const short = 'function zero(): i32 { return 0; }\n';
    expect(findLongAssembly('a.ts', `${short}${'// a line\n'.repeat(80)}${functionOf(3)}`)).toEqual([]);
  });

  it('reports a file of 301 lines', () => {
    expect(findLongAssembly('a.ts', '// a line\n'.repeat(300))).toEqual([]);
    expect(findLongAssembly('a.ts', '// a line\n'.repeat(301))).toEqual([
      'a.ts:1: the file has 301 lines, expected at most 300',
    ]);
  });
});
