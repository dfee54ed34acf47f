import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { evaluationReport, openEvaluation } from '@gru4rec/comparison';
import { readItemInfo, type SessionDataset } from '@gru4rec/dataset';
import { replaceFile } from '@gru4rec/durable-files';
import { type Gru4Rec, type ModelConfig, parseConfig } from '@gru4rec/model';
import { resultsTable } from '@gru4rec/report';
import { terminalTable } from '@gru4rec/report/table';
import { type ShopLogOptions, shopItems, writeShopLog } from '@gru4rec/synthetic';
import { makeFolder } from '../arguments/folders.ts';
import { type ArgumentsOf, type Command, integer, or, text } from '../arguments/options.ts';
import { readDataset, shippedConfigs } from '../arguments/read-inputs.ts';
import { chooseEngine } from '../engines/choose-engine.ts';
import { commandLine, programName } from '../terminal/invocation.ts';
import { groupDigits, showEvaluation } from '../terminal/progress.ts';
import type { Output, Terminal } from '../terminal/terminal.ts';
import { trainModel } from '../training/train-model.ts';
import { runPrepare } from './prepare.ts';

const TEST_DAYS = 3;
const CUTOFF = 20;
const SEED = 1;
const COLUMNS = ['title', 'group', 'brand'] as const;

const options = {
  directory: or(
    '.gru4rec/demo',
    text('Folder for log, dataset and model; an earlier demo in it is replaced'),
  ),
  events: or(100_000, integer(1000, 'Clicks in the log')),
};

export const command: Command = {
  usage:
    '$0 demo [options]\n\nMakes a shop log, prepares it, trains on it and compares with simple baselines.',
  options,
  examples: ['', '--events 20000'],
  run: runDemo,
};

async function runDemo(args: ArgumentsOf<typeof options>, terminal: Terminal): Promise<void> {
  const { events } = args;
  const { stdout, stderr } = terminal;
  const folder = resolve(terminal.directory, args.directory);
  const log = join(folder, 'clicks.tsv');
  const items = join(folder, 'items.csv');
  const data = join(folder, 'data');
  const output = join(folder, 'model');
  await makeFolder(folder).catch((cause) => {
    throw new Error(`The demo cannot be written in ${folder}`, { cause });
  });
  heading(stderr, `1  A shop log of ${groupDigits(events)} clicks`);
  await writeShopLog(log, { events, seed: SEED });
  await writeItems(items, { events, seed: SEED });
  heading(stderr, `2  Sessions, the last ${TEST_DAYS} days for the test`);
  await runPrepare({ input: [log], items, output: data, test: [`${TEST_DAYS}d`], overwrite: true }, terminal);
  const dataset = await readDataset(data);
  heading(
    stderr,
    '3  Training: with clicks only, then with the brands, categories and titles of the items too',
  );
  const { engine, facts: engineFacts } = await chooseEngine('wasm');
  const { $schema, ...settings } = JSON.parse(await readFile(new URL('demo.json', shippedConfigs), 'utf8'));
  const plain = parseConfig({ ...settings, seed: SEED });
  const trained = (values: ModelConfig) => trainModel(dataset, values, { engine, engineFacts, stderr });
  const model = await trained(plain);
  const featured = await trained({ ...plain, itemFeatures: COLUMNS });
  const itemInfo = await readItemInfo(data, dataset.manifest);
  const info = {
    dataset: { checksum: dataset.manifest.checksum, directory: join(args.directory, 'data') },
    itemInfo,
  };
  await model.save(output, info);
  await featured.save(`${output}-features`, info);
  heading(stderr, '4  Evaluation: the next click among all items');
  stdout.write(`${await evaluateDemo([model, featured], dataset, stderr)}\n`);
  for (const one of [model, featured]) one.dispose();
  stdout.write(`\n${advice(terminal.directory, output, dataset)}\n`);
}

async function writeItems(file: string, shop: ShopLogOptions): Promise<void> {
  const rows = shopItems(shop).map((item) => [item.id, ...COLUMNS.map((name) => item[name])].join(','));
  await replaceFile(file, [Buffer.from([['id', ...COLUMNS].join(','), ...rows, ''].join('\n'))]);
}

function heading(stderr: Output, text: string): void {
  stderr.write(`\n${text}\n`);
}

async function evaluateDemo(
  [model, featured]: readonly [Gru4Rec, Gru4Rec],
  { directory: data, support }: SessionDataset,
  stderr: Output,
): Promise<string> {
  const progress = showEvaluation(stderr);
  const evaluated = async (one: Gru4Rec, baselines: boolean) => {
    const source = await openEvaluation(data, { data, split: 'test', baselines });
    const options = { cutoffs: [CUTOFF], tieRule: 'standard' as const, threads: availableParallelism() };
    return source.evaluate(one, { ...options, onProgress: progress.onProgress }).finally(source.close);
  };
  try {
    const { model: plain } = await evaluated(model, false);
    const { model: withItems, baselines } = await evaluated(featured, true);
    const { models } = evaluationReport(
      { model: { ...withItems, name: '+ items' }, baselines: [...baselines, plain] },
      { title: 'Demo', support },
    );
    return `${terminalTable(resultsTable(models, 0))}
*: best of the column. The last line is GRU4Rec with what is known about the items: ${COLUMNS.join(', ')}.`;
  } finally {
    progress.stop();
  }
}

function advice(directory: string, output: string, { itemIds, test }: SessionDataset): string {
  const model = relative(directory, output).replaceAll('\\', '/');
  const clicked = new Set(test?.items.subarray(0, test.sessionOffsets[1]));
  const session = [...clicked]
    .slice(0, 3)
    .map((item) => itemIds.at(item))
    .join(',');
  const typed = (...argv: string[]) => `  ${commandLine(argv, programName())}`;
  return [
    'Recommend the next items for a visitor of this shop:',
    typed('recommend', model, '--session', session, '--top', '5'),
    '',
    'The same with your own clicks, a file with columns of any names, which init understands:',
    typed('init', 'clicks.csv'),
    typed('prepare'),
    typed('train'),
    typed('evaluate'),
    '',
    'All commands:',
    typed('--help'),
  ].join('\n');
}
