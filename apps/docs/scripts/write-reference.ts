// Writes the pages of commands and hyper-parameters from their definitions, and the JSON Schemas.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hyperParameters } from '@gru4rec/model/json-schema';
import yargs, { type Argv } from 'yargs';
import { type CommandEntry, commandTable } from '../../../packages/cli/src/command-table.ts';
import { terminalOn } from '../../../packages/cli/src/terminal/terminal.ts';

const generated = new URL('../generated/', import.meta.url);
const schemas = new URL('../../../packages/gru4rec/schemas/', import.meta.url);

/** What yargs knows of a command's options; it has no public accessor of their texts. */
interface Definition {
  getOptions(): {
    readonly key: Readonly<Record<string, unknown>>;
    readonly alias: Readonly<Record<string, readonly string[]>>;
    readonly default: Readonly<Record<string, unknown>>;
    readonly choices: Readonly<Record<string, readonly unknown[]>>;
    readonly boolean: readonly string[];
    readonly array: readonly string[];
  };
  getDemandedOptions(): Readonly<Record<string, unknown>>;
  getGroups(): Readonly<Record<string, readonly string[]>>;
  getInternalMethods(): {
    getUsageInstance(): {
      getDescriptions(): Readonly<Record<string, string | undefined>>;
      getUsage(): readonly (readonly [usage: string, description: string])[];
    };
  };
}

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
  const streams = { stdout: new PassThrough(), stderr: new PassThrough(), directory: '.' };
  const command = await load();
  const parser = yargs([]).help(false).version(false);
  const examples = collectExamples(parser);
  const built = command.builder(parser, terminalOn(streams)) as unknown as Definition;
  const [usage = ''] = built.getInternalMethods().getUsageInstance().getUsage()[0] ?? [];
  const show = (shown: string) => shown.replaceAll('$0', 'npx gru4rec');
  const parts = usage.split('\n').filter((part) => part !== '');
  const lines = parts.filter((part) => part.startsWith('$0'));
  const text = parts.filter((part) => !part.startsWith('$0'));
  return [
    `# ${name}`,
    ...(text.length === 0 ? [`${describe}.`] : text.map(show)),
    `\`\`\`text\n${show(lines.join('\n'))}\n\`\`\``,
    `\`npx gru4rec ${name} --help\` prints the same in the terminal. A value in brackets is the default.`,
    ...optionTables(built),
    ...(examples.length === 0 ? [] : ['For example:', shell(examples.map(show).join('\n'))]),
    '',
  ].join('\n\n');
}

/** Makes a parser remember the examples that it is given. */
function collectExamples(parser: Argv): string[] {
  const examples: string[] = [];
  const add = parser.example.bind(parser) as (...given: unknown[]) => Argv;
  // yargs passes the examples of a list here, one by one.
  parser.example = ((...given: [string, string] | [[string, string][]]) => {
    if (typeof given[0] === 'string') examples.push(given[0]);
    return add(...given);
  }) as Argv['example'];
  return examples;
}

/** One table per group of options: arguments first, then those without a heading. */
function optionTables(built: Definition): string[] {
  const { key, alias } = built.getOptions();
  const groups = Object.entries(built.getGroups());
  const aliases = new Set(Object.values(alias).flat());
  const grouped = new Set(groups.flatMap(([, names]) => names));
  const others = Object.keys(key).filter((name) => !grouped.has(name) && !aliases.has(name));
  const positionals = groups.filter(([title]) => title === 'Positionals:');
  const headed = groups.filter(([title]) => title !== 'Positionals:');
  return [...positionals, ['', others] as const, ...headed].flatMap(([title, names]) => {
    if (names.length === 0) return [];
    const heading = title === '' || title === 'Positionals:' ? [] : [`**${title.replace(/:$/, '')}**`];
    const isPositional = title === 'Positionals:';
    const rows = names.map((name) => optionRow(built, name, isPositional));
    const head = `| ${isPositional ? 'argument' : 'option'} | does |`;
    return [...heading, [head, '| --- | --- |', ...rows].join('\n')];
  });
}

function optionRow(built: Definition, name: string, isPositional: boolean): string {
  const { array, boolean, choices, default: defaults } = built.getOptions();
  const described = built.getInternalMethods().getUsageInstance().getDescriptions()[name] ?? '';
  const value = boolean.includes(name) || isPositional ? '' : ` VALUE${array.includes(name) ? '…' : ''}`;
  const notes = [
    choices[name] === undefined ? '' : `One of ${choices[name].map((choice) => `\`${choice}\``).join(', ')}.`,
    Object.hasOwn(built.getDemandedOptions(), name) ? 'Required.' : '',
    isShown(defaults[name]) ? `[${String(defaults[name])}]` : '',
  ];
  const text = [described.replace('__yargsString__:', '').replace(/[^…]$/, '$&.'), ...notes]
    .filter(Boolean)
    .join(' ');
  return `| \`${isPositional ? '' : '--'}${name}${value}\` | ${cell(text)} |`;
}

function isShown(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
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

function shell(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

/** Text in a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
