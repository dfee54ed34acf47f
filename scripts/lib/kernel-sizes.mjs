/** The limits that Biome enforces elsewhere. It cannot parse C. */
const MAX_FUNCTION_LINES = 60;
const MAX_FILE_LINES = 300;

/**
 * Finds a file and functions that are too long, in C, which has no nested functions, so that each starts in the
 * first column and ends with a brace there. A macro counts as a function.
 *
 * @param {string} file - its name, for problems.
 * @param {string} text
 * @returns {string[]} `<file>:<line>: <problem>` each; empty if everything is short enough
 */
export function findLongKernels(file, text) {
  const lines = text.trimEnd().split('\n');
  const problems = lines.flatMap((line, start) => {
    const name = /^(?:#define |\w[^(]*\b|)(\w+)\(/.exec(line)?.[1];
    if (name === undefined) return [];
    const length = lines.slice(start).findIndex(line.startsWith('#') ? endsMacro : endsFunction) + 1;
    if (length <= MAX_FUNCTION_LINES) return [];
    return [`${file}:${start + 1}: ${name} has ${length} lines, expected at most ${MAX_FUNCTION_LINES}`];
  });
  if (lines.length <= MAX_FILE_LINES) return problems;
  return [`${file}:1: the file has ${lines.length} lines, expected at most ${MAX_FILE_LINES}`, ...problems];
}

/** @param {string} line */
function endsMacro(line) {
  return !line.endsWith('\\');
}

/** @param {string} line */
function endsFunction(line) {
  return /^(\}|\S.*[;}]$)/.test(line);
}
