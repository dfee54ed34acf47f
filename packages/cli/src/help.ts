import { commandGroups } from './command-table.ts';
import { programName } from './terminal/invocation.ts';

export function overview(): string {
  const { Also: others = [], ...groups } = commandGroups;
  return [
    `${programName()} COMMAND [options], COMMAND --help, or --version`,
    ...Object.entries(groups).flatMap(([group, commands]) => [
      `${group}:`,
      ...commands.map(({ name, describe }) => `  ${name.padEnd(10)} ${describe}`),
    ]),
    `Also: ${others.map(({ name }) => name).join(', ')}`,
  ].join('\n');
}

/** Makes each option one line, without types: a value has the form that its description says, and one without is a flag. */
export function formatHelp(help: string, width: number): string {
  const lines = help.replaceAll(/ *\[(?:string|boolean|array)\]/g, '').split('\n');
  return lines.flatMap((line) => wrapLine(line, width)).join('\n');
}

function wrapLine(line: string, width: number): string[] {
  const [indent = ''] = /^ */.exec(line) ?? [];
  const [label = ''] = /^ *\S.*? {2,}(?=\S)/.exec(line) ?? [];
  // The label of an example is a whole command line, beside which nothing fits: what it does becomes its comment.
  const isColumn = label.length < width / 2;
  const start = isColumn ? label || indent : indent;
  const column = ' '.repeat(isColumn && label ? label.length : 2 * indent.length);
  const text = isColumn ? line.slice(start.length) : line.trimStart().replace(/ {2,}/, ' # ');
  const words = text.match(/\[\w+: [^\]]+\]|\S+/g) ?? [];
  const pieces = words.flatMap((word) => (word.length > width - column.length ? word.split(' ') : [word]));
  const lines = [''];
  for (const piece of pieces) {
    const before = lines.length === 1 ? start : column;
    const current = lines.at(-1) ?? '';
    const isFull = current !== '' && before.length + current.length + 1 + piece.length > width;
    if (isFull) lines.push(piece);
    else lines[lines.length - 1] = current === '' ? piece : `${current} ${piece}`;
  }
  return lines.map((wrapped, place) => `${place === 0 ? start : column}${wrapped}`.trimEnd());
}
