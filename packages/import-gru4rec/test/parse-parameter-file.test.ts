import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OriginalFormatError } from '../src/original-format-error.ts';
import { parseParameterFile } from '../src/parse-parameter-file.ts';

const pairs = `from collections import OrderedDict
import collections
"""A docstring."""

# best of 200 runs
gru4rec_params = OrderedDict([
    ('loss', 'bpr-max'),  # with ELU
    ("layers", [512, 256]),
    ['elu_param', 0.5],
    ('constrained_embedding', True),
    ('init_as_normal', False),
    ('adapt', None),
    ('adapt_params', ()),
])
`;

const read = {
  loss: 'bpr-max',
  layers: [512, 256],
  elu_param: 0.5,
  constrained_embedding: true,
  init_as_normal: false,
  adapt: null,
  adapt_params: [],
};

const value = (literal: string): unknown => parseParameterFile(`p = {'a': ${literal}}`)['a'];

describe('parseParameterFile', () => {
  it('reads a list of pairs', () => {
    expect(parseParameterFile(pairs)).toEqual(read);
  });

  it('reads a byte order mark and Windows line endings', () => {
    expect(parseParameterFile(`\uFEFF${pairs.replaceAll('\n', '\r\n')}`)).toEqual(read);
  });

  it.each([
    "params = {'loss': 'top1', 'layers': (100,)}",
    "p = dict(loss='top1', layers=[100])",
    "p = dict([('loss', 'top1')], layers=[100])",
    "p = OrderedDict((('loss', 'top1'), ('layers', [100])))",
    "p = collections.OrderedDict({'loss': 'top1', 'layers': [100],})",
    "import os; p = ({'loss': ('top1'), 'layers': [100]})",
  ])('reads %s', (text) => {
    expect(parseParameterFile(text)).toEqual({ loss: 'top1', layers: [100] });
  });

  it.each([
    ['p = {}', {}],
    ['p = dict()', {}],
    ['p = OrderedDict([])', {}],
  ])('reads nothing from %s', (text, expected) => {
    expect(parseParameterFile(text)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['0', 0],
    ['-1.5', -1.5],
    ['+2', 2],
    ['1e-3', 1e-3],
    ['.5', 0.5],
    ['10_000', 10_000],
    ['0x10', 16],
    ['0b11', 3],
    ['"a\'b"', "a'b"],
    ["'''a\nb'''", 'a\nb'],
    ["u'a'", 'a'],
    ["r'\\d'", '\\d'],
    ["''", ''],
    ['[1, [2, (3,)], "x"]', [1, [2, [3]], 'x']],
  ])('reads %s', (literal, expected) => {
    expect(value(literal)).toEqual(expected);
  });

  it.each([
    '2 ** 8',
    'len([1])',
    'name',
    'os.environ["HOME"]',
    '__import__("os").system("true")',
    '[x for x in (1, 2)]',
    'f"{1}"',
    '"a" "b"',
    '{1, 2}',
    '{"b": 1}',
    'lambda: 1',
    'not True',
    '...',
    '(1).real',
    '[[[[[[[[[[1]]]]]]]]]]',
  ])('refuses %s, which is no literal', (expression) => {
    expect(() => parseParameterFile(`# one\np = {\n'a': ${expression}}`, 'best.py')).toThrow(
      /^parseParameterFile: "a" expected a (literal|finite number).*, got .*, at best\.py:3\. The file is parsed, never run/,
    );
  });

  it.each([
    ['1j', 'a finite number'],
    ['1e999', 'a finite number'],
    ['- -1', 'a finite number'],
    ["b'a'", 'a plain string'],
    ["'a\\n'", 'a plain string'],
  ])('refuses %s', (literal, expected) => {
    expect(() => value(literal)).toThrow(`"a" expected ${expected}, got `);
  });

  it.each([
    ['x = 1', 'parameters.py:1'],
    ['x += {}', 'parameters.py:1'],
    ['a = b = {}', 'parameters.py:1'],
    ['p: dict = {}', 'parameters.py:1'],
    ['p = {}\np["a"] = 1', 'parameters.py:2'],
    ['p = {}\nprint(p)', 'parameters.py:2'],
    ['if True:\n  p = {}', 'parameters.py:1'],
    ['p = defaultdict(int)', 'parameters.py:1'],
    ['p = {**q}', 'parameters.py:1'],
    ['p = {"a": 1, 2: 3}', 'parameters.py:1'],
    ['p = [("a", 1, 2)]', 'parameters.py:1'],
    ['p = OrderedDict([\n("a", 1),\n"b"])', 'parameters.py:3'],
    ['p = dict(*a)', 'parameters.py:1'],
    ['p = dict({}, {})', 'parameters.py:1'],
    ['p = dict(a=1, **b)', 'parameters.py:1'],
    ['', 'parameters.py:1'],
    ['# nothing', 'parameters.py:1'],
    ['p = {}\n\nq = {}', 'parameters.py:3'],
    ['p = {"a": 1}\nq = [', 'parameters.py:2'],
    ['p = {"a" 1}', 'parameters.py:1'],
    ['loss=bpr-max,layers=100', 'parameters.py:1'],
  ])('refuses %j and names the line', (text, place) => {
    expect(() => parseParameterFile(text)).toThrow(OriginalFormatError);
    expect(() => parseParameterFile(text)).toThrow(`, at ${place}. `);
  });

  it('refuses a repeated name', () => {
    expect(() => parseParameterFile('p = {"a": 1,\n"a": 2}')).toThrow(
      'parseParameterFile: "a" expected one value, got "a", at parameters.py:2. Keep one of its values.',
    );
  });

  it('says how to rewrite unsupported syntax', () => {
    expect(() => value('3.')).toThrow('Give a file that Python itself can parse; write 1. as 1.0.');
  });

  it('cuts a long text in its message', () => {
    expect(() => value(`f("${'x'.repeat(500)}")`)).toThrow(/got .{70,90}, at/);
  });

  it('refuses nesting that cannot be parsed', () => {
    const deep = '['.repeat(100_000);
    expect(() => value(deep + ']'.repeat(100_000))).toThrow(OriginalFormatError);
  });

  it('throws no other error for any input', () => {
    const piece = fc.constantFrom(
      ...[
        'p',
        '=',
        '{',
        '}',
        '(',
        ')',
        '[',
        ']',
        "'a'",
        '1',
        ',',
        ':',
        'OrderedDict',
        'dict',
        '\n',
        ' ',
        '#',
      ],
      ...['*', '.', '"""', 'None', 'True', '-', 'import', 'def', 'f"', '\\', ';', '\t', '\u0000'],
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(typeof parseParameterFile(text)).toBe('object');
        } catch (error) {
          expect(error).toBeInstanceOf(OriginalFormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads every literal that is written out', () => {
    const scalar = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.stringMatching(/^[a-z0-9/-]*$/),
    );
    const literal = (v: unknown): string => {
      if (Array.isArray(v)) return `[${v.map(literal).join(', ')}]`;
      if (typeof v === 'boolean') return v ? 'True' : 'False';
      return v === null ? 'None' : typeof v === 'string' ? `'${v}'` : String(v);
    };
    fc.assert(
      fc.property(fc.oneof(scalar, fc.array(scalar)), (v) => {
        expect(value(literal(v))).toEqual(v);
      }),
    );
  });
});
