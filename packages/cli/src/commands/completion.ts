import { type ArgumentsOf, argument, type Command, oneOf } from '../arguments/options.ts';
import { binaryName } from '../terminal/invocation.ts';
import type { Terminal } from '../terminal/terminal.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

const options = { shell: argument('SHELL', oneOf(shells, 'The one that $SHELL names if not given')) };

export const command: Command = {
  usage: `$0 completion [SHELL]\n\nPrints a script with which a shell completes commands, options and values of ${binaryName()}, also if it is called by its path, such as node_modules/.bin/gru4rec. Of other commands that start it, such as npx, it does not.`,
  options,
  examples: [
    'bash >> ~/.bashrc',
    'zsh >> ~/.zshrc',
    `fish > ~/.config/fish/completions/${binaryName()}.fish`,
  ],
  run({ shell }: ArgumentsOf<typeof options>, { stdout }: Terminal) {
    const found = shells.find((name) => process.env['SHELL']?.endsWith(name));
    stdout.write(scripts[shell ?? found ?? 'bash'](binaryName()));
  },
};

interface Completable {
  readonly name: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** `words` after the program's name; the last is incomplete or empty. Returns none where a shell completes names of files. */
export async function completions(
  words: readonly string[],
  commands: readonly Completable[],
): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const starting = (candidates: readonly string[]) => candidates.filter((word) => word.startsWith(current));
  if (words.length < 2) return starting([...commands.map(({ name }) => name), '--help', '--version']);
  const called = await commands.find(({ name }) => name === words[0])?.load();
  if (!called) return [];
  const declared = Object.entries(called.command.options);
  if (current.startsWith('-')) {
    const names = declared.flatMap(([name, { argument: label }]) => (label ? [] : `--${name}`));
    return starting([...names, '--help'].filter((name) => !words.slice(0, -1).includes(name)));
  }
  // Of the commands with an argument, some have a list of its values.
  const [, option] =
    declared.find(([name, { argument: label }]) =>
      words.length === 2 ? label : `--${name}` === words.at(-2),
    ) ?? [];
  return starting((option?.choices ?? []) as readonly string[]);
}

/** Each calls the program that is being completed with all words up to the cursor, of which the last may be empty. */
const scripts: Readonly<Record<Shell, (name: string) => string>> = {
  bash: (name) => `_${name}_completion() {
  local IFS=$'\\n'
  COMPREPLY=($("$1" --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null))
}
complete -o bashdefault -o default -F _${name}_completion ${name}
`,
  zsh: (name) => `#compdef ${name}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_${name}_completion() {
  local -a replies
  replies=("\${(@f)$("\${words[1]}" --get-yargs-completions "\${(@)words[1,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${replies[1]}" ]]; then compadd -a replies; else _files; fi
}
compdef _${name}_completion ${name}
`,
  fish: (name) => `function __${name}_completion
  set -l words (commandline -opc) (commandline -ct)
  $words[1] --get-yargs-completions $words 2>/dev/null
end
complete -c ${name} -a '(__${name}_completion)'
`,
};
