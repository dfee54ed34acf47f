// Generates what the site has besides the repository's files: a page per command, the hyper-parameters, the JSON Schemas, and a
// model for the playground, trained on a generated shop whose items have titles.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runCli } from '@gru4rec/cli';
import { shopItems, writeShopLog } from '@gru4rec/synthetic';
import { commandTable } from '../../../packages/cli/src/command-table.ts';
import { hyperParameters } from '../../../packages/model/scripts/json-schema.ts';

const generated = fileURLToPath(new URL('../generated', import.meta.url));
const packages = fileURLToPath(new URL('../../../packages', import.meta.url));

mkdirSync(join(generated, 'reference/commands'), { recursive: true });
writeFileSync(join(generated, 'reference/commands.md'), commandsPage());
for (const { name } of commandTable) {
  writeFileSync(join(generated, `reference/commands/${name}.md`), await commandPage(name));
}
writeFileSync(join(generated, 'reference/hyper-parameters.md'), hyperParametersPage());
cpSync(join(packages, 'gru4rec/schemas'), join(generated, 'public/schemas'), { recursive: true });
await makePlayground(join(generated, 'public/playground'));

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

/** What `--help` prints of the installed command. */
async function commandPage(name: string): Promise<string> {
  const stdout = new PassThrough();
  await command([name, '--help'], '.', stdout);
  const help = String(stdout.read())
    .replaceAll(/\btrainer\b/g, 'gru4rec')
    .trim();
  return `# ${name}\n\n\`\`\`text\n${help}\n\`\`\`\n`;
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

async function makePlayground(site: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-docs-'));
  const shop = { events: 100_000, seed: 42 };
  const config = join(packages, 'cli/configs/demo.json');
  const set = ['--set', 'seed=1', 'itemFeatures=title,group,brand', 'itemFeatureScale=0.2'];
  const small = ['--format', 'web', '--weights', 'int8', '--output', join(site, 'model'), '--overwrite'];
  try {
    await writeShopLog(join(folder, 'clicks.tsv'), shop);
    const items = shopItems(shop).map((item) => `${JSON.stringify({ ...item, id: String(item.id) })}\n`);
    writeFileSync(join(folder, 'items.jsonl'), items.join(''));
    const prepare = 'prepare --input clicks.tsv --items items.jsonl --test 2d --output data';
    await command(prepare.split(' '), folder);
    await command(['train', 'data', '--config', config, '--output', 'shop', ...set], folder);
    await command(['playground', 'shop', '--data', 'data', '--output', site], folder);
    await command(['export', 'shop', ...small], folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function command(
  argv: string[],
  directory: string,
  stdout: NodeJS.WritableStream = process.stdout,
): Promise<void> {
  const status = await runCli(argv, { stdout, stderr: process.stderr, directory });
  if (status !== 0) process.exit(status);
}
