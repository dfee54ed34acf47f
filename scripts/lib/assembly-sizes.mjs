/**
 * The limits that Biome enforces elsewhere: it cannot parse a function with a decorator, as AssemblyScript has them.
 */
const MAX_FUNCTION_LINES = 60;
const MAX_FILE_LINES = 300;

/**
 * Finds a file and functions that are too long. AssemblyScript has no closures, so every function is at the top level
 * and ends at the next line that starts with a brace.
 *
 * @param {string} file - named in the problems.
 * @param {string} text
 * @returns {string[]} `<file>:<line>: <problem>` each; empty if all is short enough
 */
export function findLongAssembly(file, text) {
  const lines = text.trimEnd().split('\n');
  const problems = lines.flatMap((line, start) => {
    const name = /^(?:export )?function (\w+)/.exec(line)?.[1];
    if (name === undefined || line.endsWith('}')) return [];
    const length = lines.slice(start).findIndex((end) => end.startsWith('}')) + 1;
    if (length <= MAX_FUNCTION_LINES) return [];
    return [`${file}:${start + 1}: ${name} has ${length} lines, expected at most ${MAX_FUNCTION_LINES}`];
  });
  if (lines.length <= MAX_FILE_LINES) return problems;
  return [`${file}:1: the file has ${lines.length} lines, expected at most ${MAX_FILE_LINES}`, ...problems];
}
