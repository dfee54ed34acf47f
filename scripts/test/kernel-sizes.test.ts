import { describe, expect, it } from 'vitest';
import { findLongKernels } from '../lib/kernel-sizes.mjs';

const languages = [
  ['C', '#pragma once\nstatic inline V add(const float *a,\n'],
  ['C with a macro for the signature', '\nKERNEL(add) {\n'],
] as const;

function functionOf(start: string, lines: number): string {
  return `${start}${'  a++;\n'.repeat(lines - 2)}}\n`;
}

describe('findLongKernels', () => {
  it.each(languages)('accepts a function of 60 lines and reports one of 61, in %s', (_language, start) => {
    expect(findLongKernels('a', functionOf(start, 60))).toEqual([]);
    expect(findLongKernels('a', functionOf(start, 61))).toEqual([
      expect.stringMatching(/^a:2: (add|KERNEL) has 61 lines, expected at most 60$/),
    ]);
  });

  it('reports a macro of 61 lines', () => {
    const macro = (lines: number) => `#define TILE(R, C) \\\n${'  a; \\\n'.repeat(lines - 2)}  b;\nint c;\n`;
    expect(findLongKernels('a', macro(60))).toEqual([]);
    expect(findLongKernels('a', macro(61))).toEqual(['a:1: TILE has 61 lines, expected at most 60']);
  });

  it('does not take a function of one line or a declaration for the start of a longer one', () => {
    const short = 'function zero(): i32 { return 0; }\nint one(int a);\n';
    expect(findLongKernels('a', `${short}${'// a line\n'.repeat(80)}`)).toEqual([]);
  });

  it('reports a file of 301 lines', () => {
    expect(findLongKernels('a', '// a line\n'.repeat(300))).toEqual([]);
    expect(findLongKernels('a', '// a line\n'.repeat(301))).toEqual([
      'a:1: the file has 301 lines, expected at most 300',
    ]);
  });
});
