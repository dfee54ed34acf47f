// Writes the pages of commands and hyper-parameters from their definitions, and the JSON Schemas.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hyperParameters } from '@gru4rec/model/json-schema';
import type { Option, Options } from '../../../packages/cli/src/arguments/options.ts';
import { type CommandEntry, commandTable } from '../../../packages/cli/src/command-table.ts';

const generated = new URL('../generated/', import.meta.url);
const schemas = new URL('../../../packages/gru4rec/schemas/', import.meta.url);

mkdirSync(new URL('reference/commands/', generated), { recursive: true });
writeFileSync(new URL('reference/commands.md', generated), commandsPage());
for (const entry of commandTable) {
  writeFileSync(new URL(`reference/commands/${entry.name}.md`, generated), await commandPage(entry));
}
writeFileSync(new URL('reference/hyper-parameters.md', generated), hyperParametersPage());
cpSync(fileURLToPath(schemas), fileURLToPath(new URL('public/schemas/', generated)), { recursive: true });

function commandsPage(): string {
  const rows = commandTable.map(
    ({ name, describe }) => `| [\`${name}\`](commands/${name}.md) | ${cell(describe)} |`,
  );
  return [
    '# Commands',
    'The first argument of a command is what it works on: a dataset or a model. In a clone of the repository, type `npm start --` instead of `npx gru4rec`.',
    ['| command | does |', '| --- | --- |', ...rows].join('\n'),
    '',
  ].join('\n\n');
}

async function commandPage({ name, describe, load }: CommandEntry): Promise<string> {
  const { usage, options, examples } = (await load()).command;
  const show = (shown: string) => shown.replaceAll('$0', 'npx gru4rec');
  const parts = usage.split('\n').filter((part) => part !== '');
  const lines = parts.filter((part) => part.startsWith('$0'));
  const text = parts.filter((part) => !part.startsWith('$0'));
  const shown = examples.map((example) =>
    `npx gru4rec ${name} ${typeof example === 'string' ? example : example[0]}`.trimEnd(),
  );
  return [
    `# ${name}`,
    ...(text.length === 0 ? [`${describe}.`] : text.map(show)),
    `\`\`\`text\n${show(lines.join('\n'))}\n\`\`\``,
    `\`npx gru4rec ${name} --help\` prints the same in the terminal. A value in brackets is the default.`,
    ...optionTables(options),
    'For example:',
    `\`\`\`sh\n${shown.join('\n')}\n\`\`\``,
    '',
  ].join('\n\n');
}

/** One table per group of options: arguments first, then those without a heading. */
function optionTables(options: Options): string[] {
  const groupOf = ({ argument, group = '' }: Option) => (argument ? 'argument' : group);
  const all = Object.entries(options);
  const groups = new Set(['argument', '', ...all.map(([, option]) => groupOf(option))]);
  return [...groups].flatMap((group) => {
    const rows = all.filter(([, option]) => groupOf(option) === group).map(optionRow);
    if (rows.length === 0) return [];
    const isArgument = group === 'argument';
    const heading = isArgument || group === '' ? [] : [`**${group.replace(/:$/, '')}**`];
    return [
      ...heading,
      [`| ${isArgument ? 'argument' : 'option'} | does |`, '| --- | --- |', ...rows].join('\n'),
    ];
  });
}

function optionRow([name, option]: [name: string, option: Option]): string {
  const { describe, type, array, choices, argument, demandOption, fallback } = option;
  const value = type === 'boolean' || argument ? '' : ` VALUE${array ? '…' : ''}`;
  const notes = [
    choices === undefined ? '' : `One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`,
    demandOption ? 'Required.' : '',
    fallback === undefined || fallback === false ? '' : `[${String(fallback)}]`,
  ];
  const text = [describe.replace(/[^…]$/, '$&.'), ...notes].filter(Boolean).join(' ');
  return `| \`${argument ? '' : '--'}${name}${value}\` | ${cell(text)} |`;
}

function hyperParametersPage(): string {
  const rows = hyperParameters.map(
    ({ key, fallback, expected, meaning }) =>
      `| \`${key}\` | \`${JSON.stringify(fallback)}\` | ${cell(expected)} | ${cell(meaning)} |`,
  );
  return [
    '# Hyper-parameters',
    'The keys of a configuration, the JSON file of `train --config`; `train --set key=value` changes one for a run. Names and values are those of the authors’ code, in camel case. An absent key takes its default, and an unknown one is an error.',
    'With `"$schema": "./node_modules/gru4rec/schemas/configuration.json"` in the file, an editor completes the keys and shows this table’s texts. The schemas are also [here](../schemas/configuration.json){target="_self"}, with that of [search spaces](../schemas/space.json){target="_self"} and of a line of an [items file](../schemas/item.json){target="_self"}.',
    ['| key | default | may be | does |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    'A value that would have no effect in combination with others (`logq` with `bpr-max`, for example) is refused. [The package `model`](../packages/model.md#hyper-parameters) says more about optimisers, averages and continued training.',
    '',
  ].join('\n\n');
}

/** Text in a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
