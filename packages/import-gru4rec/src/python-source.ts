import { parser } from '@lezer/python';
import { OriginalFormatError } from './original-format-error.ts';

/** A node of the syntax tree. */
export type PythonNode = ReturnType<typeof parser.parse>['topNode'];

const PUNCTUATION = new Set(['(', ')', '[', ']', '{', '}', ',', ':', ';', 'Comment']);

/** The text of a Python file and its syntax tree. */
export class PythonSource {
  readonly module: PythonNode;
  readonly #text: string;
  readonly #file: string;

  /** @throws OriginalFormatError if the text is not Python. */
  constructor(text: string, file: string) {
    this.#text = text.replace(/^\uFEFF/, '');
    this.#file = file;
    this.module = this.#parse();
    const advice = 'Give a file that Python itself can parse; write 1. as 1.0.';
    this.module.cursor().iterate((node) => {
      if (node.type.isError) this.fail(node, { name: 'parameters', expected: 'Python', advice });
    });
  }

  textOf({ from, to }: { from: number; to: number }): string {
    return this.#text.slice(from, to);
  }

  /** Child nodes without brackets, commas and comments. */
  children(node: PythonNode): PythonNode[] {
    const found: PythonNode[] = [];
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (!PUNCTUATION.has(child.name)) found.push(child);
    }
    return found;
  }

  /** @throws OriginalFormatError with the line of a node, always. */
  fail(
    node: { from: number; to: number },
    problem: { name: string; expected: string; advice: string },
  ): never {
    const { name, expected, advice } = problem;
    const line = this.#text.slice(0, node.from).split('\n').length;
    const got = this.#text.slice(node.from, node.to > node.from ? node.to : undefined);
    throw new OriginalFormatError(
      `parseParameterFile: "${name}" expected ${expected}, got ${excerpt(got)}, at ${this.#file}:${line}. ${advice}`,
    );
  }

  #parse(): PythonNode {
    try {
      return parser.parse(this.#text).topNode;
    } catch (cause) {
      throw new OriginalFormatError(
        `parseParameterFile: "parameters" expected Python, got a text that cannot be parsed, at ${this.#file}:1. Remove deep nesting.`,
        { cause },
      );
    }
  }
}

/** First line of a piece of the file, cut after 80 characters. */
function excerpt(text: string): string {
  const line = text.trim().split('\n')[0]?.trim() ?? '';
  if (line === '') return 'the end of the file';
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
