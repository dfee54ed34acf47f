import type { ParameterValue } from './parameter-value.ts';
import type { PythonNode, PythonSource } from './python-source.ts';

/** A Python number. 010 is none, because Python 2 reads it as 8 and Python 3 refuses it. */
const NUMBER =
  /^(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|0+|[1-9]\d*|\d+(\.\d*([eE][+-]?\d+)?|[eE][+-]?\d+)|\.\d+([eE][+-]?\d+)?)$/;
const STRING = /^([rRuU]*)('''|"""|'|")([\s\S]*)\2$/;
const MAX_DEPTH = 8;

/**
 * Reads a literal: a string, a number, True, False, None, or a list or tuple of literals.
 *
 * @param name - name of the parameter, for messages.
 * @throws OriginalFormatError with the line of anything that Python would have to evaluate.
 */
export function literal(source: PythonSource, node: PythonNode, name: string, depth = 0): ParameterValue {
  const inner = source.children(node);
  if (depth < MAX_DEPTH) {
    switch (node.name) {
      case 'None':
        return null;
      case 'Boolean':
        return source.textOf(node) === 'True';
      case 'String':
        return text(source, node, name);
      case 'Number':
      case 'UnaryExpression':
        return number(source, node, name);
      case 'ParenthesizedExpression':
        if (inner[0]) return literal(source, inner[0], name, depth + 1);
        break;
      case 'ArrayExpression':
      case 'TupleExpression':
        return inner.map((item) => literal(source, item, name, depth + 1));
    }
  }
  return source.fail(node, {
    name,
    expected: 'a literal (string, number, True, False, None, list or tuple)',
    advice: 'The file is parsed, never run: write the value as a literal.',
  });
}

function number(source: PythonSource, node: PythonNode, name: string): number {
  const spelling = source.textOf(node).replaceAll('_', '');
  const [, sign, digits] = /^([+-]?)\s*(.*)$/.exec(spelling) ?? [];
  const value = digits !== undefined && NUMBER.test(digits) ? Number(digits) : Number.NaN;
  if (Number.isFinite(value)) return sign === '-' ? -value : value;
  const advice = 'The file is parsed, never run: write the number as a literal.';
  return source.fail(node, { name, expected: 'a finite number', advice });
}

function text(source: PythonSource, node: PythonNode, name: string): string {
  const [, prefix = '', , body] = STRING.exec(source.textOf(node)) ?? [];
  if (body !== undefined && (/r/i.test(prefix) || !body.includes('\\'))) return body;
  const advice = 'Write it without a prefix and without escapes.';
  return source.fail(node, { name, expected: 'a plain string', advice });
}
