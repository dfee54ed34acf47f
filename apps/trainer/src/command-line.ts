/** A command line of the trainer as a shell takes it, so that a report can be repeated. */
export function commandLine(argv: readonly string[]): string {
  return ['trainer', ...argv.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
