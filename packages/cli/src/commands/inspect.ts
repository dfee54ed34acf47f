import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import { replaceFile } from '@gru4rec/durable-files';
import type { EngineName, KernelChoice } from '@gru4rec/engines';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { checkOutputFile } from '../arguments/check-output.ts';
import { createEngine } from '../arguments/engines.ts';
import { expectFolder } from '../arguments/folder-kind.ts';
import { engineOption, flag, kernelsOption, optionalText } from '../arguments/options.ts';
import { readDataset } from '../arguments/read-inputs.ts';
import { formatInspection } from '../inspecting/format-inspection.ts';
import { inspectData } from '../inspecting/inspect-data.ts';
import { printable } from '../terminal/printable.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';

interface InspectArguments {
  folder: string | undefined;
  data: string | undefined;
  html: string | undefined;
  json: boolean;
  order: boolean;
  engine: EngineName;
  kernels: KernelChoice;
}

/** Sessions on which it is measured whether order matters: a minute at most on two cores. */
const LIMITS = { train: 20_000, test: 2_000 };

/** `gru4rec inspect`: describes a dataset, and says what to do about what it finds. */
export const inspectCommand: Command<InspectArguments> = { builder: describeOptions, handler: runInspect };

function describeOptions(yargs: Argv): Argv<InspectArguments> {
  return yargs
    .usage(
      '$0 inspect DATA [options]\n\nDescribes a dataset before any model is trained, and says what to do about what it finds.',
    )
    .positional('folder', { type: 'string', describe: 'Folder of the dataset, which prepare wrote' })
    .option('data', optionalText('data', 'The same folder, as an option'))
    .option('html', optionalText('html', 'File for a page with charts; an earlier one is replaced'))
    .option('json', flag('Print one JSON object'))
    .option('order', {
      ...{ type: 'boolean', default: true },
      describe: 'Train sequential rules and a GRU on samples, to see whether the order of clicks matters',
    })
    .option('engine', engineOption)
    .option('kernels', kernelsOption)
    .example('$0 inspect data', '')
    .example('$0 inspect data --html data.html', '');
}

async function runInspect(
  { folder, data, html, json, order, engine, kernels }: ArgumentsCamelCase<InspectArguments>,
  { directory, stdout, stderr }: Terminal,
): Promise<void> {
  const name = folder || data;
  if (!name) throw new UsageError('Expected the folder of a dataset, as an argument or as --data, got none');
  if (folder && data !== undefined)
    throw new UsageError(`Expected one dataset, got two: ${folder} and --data ${data}`);
  const path = resolve(directory, name);
  await expectFolder('--data', path, 'a dataset');
  const page = html === undefined ? undefined : resolve(directory, html);
  if (page !== undefined) await checkOutputFile(page, true);
  const options = {
    name: printable(name),
    engine: order ? await createEngine(engine, { kernels }) : undefined,
    limits: LIMITS,
  };
  const found = await inspectData(await readDataset(path), options);
  if (page !== undefined) {
    // Loaded only here, because the library of its charts takes a second to load.
    const { inspectionHtml } = await import('@gru4rec/report');
    await replaceFile(page, [Buffer.from(inspectionHtml(found))]);
    stderr.write(`The page is ${html}\n`);
  }
  if (json) stdout.writeJson(found);
  else stdout.write(formatInspection(found));
}
