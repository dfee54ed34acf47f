import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import { readModelItemInfo } from '@gru4rec/model';
import type { Argv } from 'yargs';
import { adviceOfMix, expectFolder, isMixedFolder } from '../arguments/folder-kind.ts';
import { flag, folderArgument, optionalInteger, requiredText } from '../arguments/options.ts';
import { readModel } from '../arguments/read-inputs.ts';
import { count } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ArgumentsOf, Command } from './command.ts';
import { exportFormatNames, exportFormats } from './export-formats.ts';

type Arguments = ArgumentsOf<typeof describeOptions>;

/** `gru4rec export`: writes a model for other programs. */
export const exportCommand: Command = { builder: describeOptions, handler: runExport };

function describeOptions(yargs: Argv) {
  return yargs
    .usage(
      '$0 export MODEL --format FORMAT --output PATH [options]\n\n' +
        'Writes a model for other programs. onnx: a graph whose input is one click and the state of each session, in a folder with the item ids. safetensors: parameters, item ids and configuration, which import reads. docs/recommend.md has a server for each. web: a folder for any web server, which a page loads as docs/browser.md shows.',
    )
    .positional('model', folderArgument('model', 'Folder of the model, which train wrote'))
    .option('format', {
      choices: exportFormatNames,
      demandOption: true,
      requiresArg: true,
      describe: 'Format of the output',
    })
    .option('output', requiredText('output', 'Folder to write; with safetensors a file'))
    .option(
      'top',
      optionalInteger(
        'top',
        1,
        'Number of best items that a graph returns, instead of the scores of all items',
      ),
    )
    .option('weights', {
      choices: ['float32', 'int8'] as const,
      requiresArg: true,
      describe: 'Only for web (float32): int8 takes a quarter of the bytes and rounds the parameters',
    })
    .option('overwrite', flag('Replace an existing output'))
    .example('$0 export model --format onnx --output shop-onnx --top 20', '')
    .example('$0 export model --format safetensors --output shop.safetensors', '')
    .example('$0 export model --format web --output site/model --weights int8', '');
}

async function runExport(args: Arguments, terminal: Terminal): Promise<void> {
  const { directory, stderr } = terminal;
  const format = exportFormats[args.format];
  if (args.top !== undefined && !format.takesTop) {
    throw new UsageError(`--top expected a format that is a graph, such as onnx, got ${args.format}`);
  }
  if (args.weights !== undefined && !format.takesWeights) {
    throw new UsageError(`--weights expected the format web, got ${args.format}`);
  }
  const output = resolve(directory, args.output);
  await format.check(output, args.overwrite);
  const folder = resolve(directory, args.model);
  if (await isMixedFolder(folder)) {
    const advice = await adviceOfMix(folder);
    throw new UsageError(`--format ${args.format} holds a GRU4Rec only, got a baseline or a mix. ${advice}`);
  }
  await expectFolder('MODEL', folder, 'a model');
  const model = await readModel(folder);
  const itemInfo = args.format === 'web' ? await readModelItemInfo(folder) : undefined;
  const { top, weights } = args;
  const options = { ...(top === undefined ? {} : { top }), ...(weights && { weights }), itemInfo };
  await format.write(model, output, options);
  stderr.write(`${count(model.itemIds.length, 'item')}. ${format.describe(args.output)}\n`);
}
