import { describe, expect, it } from 'vitest';
import { choicesSource, dispatchSource } from '../scripts/generate-dispatch.ts';

const source = 'export function scaleRows(x: usize, from: i32, to: i32, by: f32, twice: bool): void {}';
const args = { x: 'write', rows: 'range', by: 'scalar', twice: 'bool' };

/** The dispatch of a table with one kernel, of a file with one function. */
function dispatchOf(kinds: Record<string, string> = args, text = source, share?: string[]): string {
  const kernels = { SCALE_ROWS: { file: 'scale', arguments: kinds, ...(share ? { share } : {}) } };
  const table = { kernels, choices: { mode: ['FAST', 'EXACT'] }, constants: { STEP: 'scale' } };
  return dispatchSource(table, 7, () => text);
}

describe('dispatchSource', () => {
  it('reads every argument from its word, by its kind', () => {
    expect(dispatchOf()).toContain(
      'case 0: scaleRows(u(a, 0), lo(n(a, 1)), hi(n(a, 1)), s(a, 2), n(a, 3) != 0); break;',
    );
  });

  it('exports the constants and the fingerprint of the table', () => {
    expect(dispatchOf()).toContain("export { STEP } from '../scale';");
    expect(dispatchOf()).toContain('export const TABLE: i32 = 7;');
  });

  it.each([
    [4, 32],
    [6, 32],
    [7, 48],
    [30, 128],
  ])('makes records long enough for a kernel of %i arguments: %i bytes', (count, bytes) => {
    const names = Array.from({ length: count }, (_, i) => `x${i}`);
    const text = `export function scaleRows(${names.map((name) => `${name}: i32`).join(', ')}): void {`;
    const kinds = Object.fromEntries(names.map((name) => [name, 'i32']));
    expect(dispatchOf(kinds, text)).toContain(`export const OP_BYTES: i32 = ${bytes};`);
  });

  it.each([
    ['another order', { x: 'write', rows: 'range', twice: 'bool', by: 'scalar' }, source],
    ['another name', { ...args, y: 'i32' }, source],
    ['another type', { ...args, by: 'i32' }, source],
    ['no such function', args, 'export function other(): void {}'],
  ])('refuses a function with other parameters than the table: %s', (_, kinds, text) => {
    expect(() => dispatchOf(kinds as unknown as Record<string, string>, text)).toThrow(
      /^assembly\/scale\.ts: expected a function scaleRows\(.*\): void, as the table has it; got /,
    );
  });
});

describe('dispatchSource for a kernel whose shares keep sums', () => {
  const shareBytes = 'export function scaleRowsShareBytes(x: usize, twice: bool): usize {}';

  it('exports the function that returns the bytes of a share', () => {
    const text = `${source}\n${shareBytes}`;
    expect(dispatchOf(args, text, ['x', 'twice'])).toContain(
      "export { scaleRowsShareBytes as SCALE_ROWS_SHARE } from '../scale';",
    );
  });

  it.each([
    ['other parameters', `${source}\n${shareBytes}`, ['twice']],
    ['no such function', source, ['x', 'twice']],
  ])('refuses a file with %s', (_, text, share) => {
    expect(() => dispatchOf(args, text, share)).toThrow(
      /^assembly\/scale\.ts: expected a function scaleRowsShareBytes\(.*\): usize, as the table has it; got /,
    );
  });
});

describe('choicesSource', () => {
  it('numbers the names of each list from 0', () => {
    const choices = { mode: ['FAST', 'EXACT'], unary: ['EXP'] };
    expect(choicesSource({ kernels: {}, choices, constants: {} })).toBe(
      'export const FAST: i32 = 0;\nexport const EXACT: i32 = 1;\nexport const EXP: i32 = 0;\n',
    );
  });
});
