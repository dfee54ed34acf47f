/**
 * A command line of the trainer as a shell takes it, so that a report can be repeated.
 *
 * @param program - what comes ahead of the command; `programName()` where it is printed to be typed.
 */
export function commandLine(argv: readonly string[], program = 'trainer'): string {
  return [program, ...argv.map(quoted)].join(' ');
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
