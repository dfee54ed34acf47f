import type { Argv } from 'yargs';
import { binaryName } from '../terminal/invocation.ts';
import type { ArgumentsOf, Command } from './command.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

type Arguments = ArgumentsOf<typeof describeOptions>;

export const completionCommand: Command = {
  builder: describeOptions,
  handler({ shell }: Arguments, { stdout }) {
    const found = shells.find((name) => process.env['SHELL']?.endsWith(name));
    stdout.write(scripts[shell ?? found ?? 'bash'](binaryName()));
  },
};

function describeOptions(options: Argv) {
  return options
    .usage(
      `$0 completion [SHELL]\n\nPrints a script with which a shell completes commands, options and values of ${binaryName()}, also if it is called by its path, such as node_modules/.bin/gru4rec. Of other commands that start it, such as npx, it does not.`,
    )
    .positional('shell', { choices: shells, describe: 'The one that $SHELL names if not given' })
    .example('$0 completion bash >> ~/.bashrc', '')
    .example('$0 completion zsh >> ~/.zshrc', '')
    .example(`$0 completion fish > ~/.config/fish/completions/${binaryName()}.fish`, '');
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
