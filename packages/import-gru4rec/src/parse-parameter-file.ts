import type { OriginalParameters, ParameterValue } from './parameter-value.ts';
import { literal } from './python-literal.ts';
import { type PythonNode, PythonSource } from './python-source.ts';

const CALLEE = /^(OrderedDict|collections\.OrderedDict|dict)$/;
/** Most levels of parentheses and `dict(...)` calls around a dictionary. */
const MAX_DEPTH = 8;
const DICTIONARY = 'a dictionary such as OrderedDict([("loss", "bpr-max"), ...])';
const ADVICE = 'The file is parsed, never run: write one dictionary of literals.';

/**
 * Reads a parameter file of the authors' code: a Python module with imports, comments and one variable whose value is a
 * dictionary of literals, written as `OrderedDict([...])`, `dict(...)` or `{...}`. Nothing is evaluated.
 *
 * @param fileName - for messages.
 * @throws OriginalFormatError with the line of anything that is not Python or not a literal.
 */
export function parseParameterFile(text: string, fileName = 'parameters.py'): OriginalParameters {
  const source: PythonSource = new PythonSource(text, fileName);
  const [first, second] = assignments(source, source.module);
  if (!first) source.fail({ from: 0, to: 0 }, { name: 'parameters', expected: DICTIONARY, advice: ADVICE });
  if (second) {
    source.fail(second.name, {
      name: 'parameters',
      expected: 'one dictionary',
      advice: 'Keep the one to train with.',
    });
  }
  const values = new Map<string, ParameterValue>();
  for (const { key, name, value } of entries(source, first.value)) {
    const advice = 'Keep one of its values.';
    if (values.has(name)) source.fail(key, { name, expected: 'one value', advice });
    values.set(name, literal(source, value, name));
  }
  return Object.fromEntries(values);
}

interface Assignment {
  readonly name: PythonNode;
  readonly value: PythonNode;
}

interface Entry {
  readonly key: PythonNode;
  readonly name: string;
  readonly value: PythonNode;
}

/**
 * The assignments of a module.
 * @throws OriginalFormatError at any other statement, except imports and docstrings.
 */
function assignments(source: PythonSource, node: PythonNode): Assignment[] {
  return source.children(node).flatMap((statement) => {
    const parts = source.children(statement);
    const nodeNames = parts.map((part) => part.name);
    if (statement.name === 'ImportStatement') return [];
    if (statement.name === 'StatementGroup') return assignments(source, statement);
    if (statement.name === 'ExpressionStatement' && nodeNames.join() === 'String') return [];
    const [name, operator, value] = parts;
    const plain = statement.name === 'AssignStatement' && parts.length === 3;
    if (plain && nodeNames[0] === 'VariableName' && operator?.name === 'AssignOp' && name && value) {
      return [{ name, value }];
    }
    return source.fail(statement, {
      name: 'parameters',
      expected: `imports and ${DICTIONARY}`,
      advice: ADVICE,
    });
  });
}

/** Keys and values of a dictionary in any of its notations. */
function entries(source: PythonSource, node: PythonNode, depth = 0): Entry[] {
  if (depth > MAX_DEPTH) source.fail(node, { name: 'parameters', expected: DICTIONARY, advice: ADVICE });
  const inner = source.children(node);
  const [first, second] = inner;
  switch (node.name) {
    case 'DictionaryExpression':
      return pairs(inner).map(([key, value]) => entry(source, node, key, value));
    case 'ParenthesizedExpression':
      if (first) return entries(source, first, depth + 1);
      break;
    case 'ArrayExpression':
    case 'TupleExpression':
      return inner.map((pair) => {
        const parts = source.children(pair);
        const isPair = /^(Tuple|Array)Expression$/.test(pair.name) && parts.length === 2;
        return entry(source, pair, isPair ? parts[0] : undefined, parts[1]);
      });
    case 'CallExpression':
      if (first && second && CALLEE.test(source.textOf(first))) {
        return callEntries(source, second, depth);
      }
  }
  return source.fail(node, { name: 'parameters', expected: DICTIONARY, advice: ADVICE });
}

/** Entries of `dict(pairs, name=value, ...)`: those of the positional argument, if any, then the keyword arguments. */
function callEntries(source: PythonSource, args: PythonNode, depth: number): Entry[] {
  const [first, ...rest] = source.children(args);
  if (!first) return [];
  const positional = rest[0]?.name !== 'AssignOp';
  const found = positional ? entries(source, first, depth + 1) : [];
  const keywords = positional ? rest : [first, ...rest];
  for (let i = 0; i < keywords.length; i += 3) {
    const [key, operator, value] = keywords.slice(i, i + 3);
    if (key?.name !== 'VariableName' || operator?.name !== 'AssignOp' || !value) {
      source.fail(key ?? args, { name: 'parameters', expected: DICTIONARY, advice: ADVICE });
    }
    found.push({ key, name: source.textOf(key), value });
  }
  return found;
}

function pairs(nodes: readonly PythonNode[]): [PythonNode | undefined, PythonNode | undefined][] {
  return Array.from({ length: Math.ceil(nodes.length / 2) }, (_, i) => [nodes[2 * i], nodes[2 * i + 1]]);
}

function entry(
  source: PythonSource,
  place: PythonNode,
  key: PythonNode | undefined,
  value: PythonNode | undefined,
): Entry {
  const name = key && value ? literal(source, key, 'parameters') : undefined;
  if (key && value && typeof name === 'string') return { key, name, value };
  return source.fail(key ?? place, { name: 'parameters', expected: 'a name and its value', advice: ADVICE });
}
