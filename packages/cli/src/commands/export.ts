import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import {
  type ExportedModel,
  ONNX_FILE,
  type WebOptions,
  writeOnnx,
  writeSafetensors,
  writeWeb,
} from '@gru4rec/formats';
import { readModelItemInfo, WEB_MANIFEST } from '@gru4rec/model';
import { checkOutputFile, checkOutputFolder, expectFolder } from '../arguments/folders.ts';
import {
  type ArgumentsOf,
  type Command,
  flag,
  integer,
  modelArgument,
  oneOf,
  required,
  text,
} from '../arguments/options.ts';
import { readModel } from '../arguments/read-inputs.ts';
import { count } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ExportOptions extends WebOptions {
  readonly top?: number | undefined;
}

interface ExportFormat {
  /** The option that only this format has. */
  readonly takes?: 'top' | 'weights';
  readonly check: (output: string, overwrite: boolean) => Promise<void>;
  readonly write: (model: ExportedModel, output: string, options: ExportOptions) => Promise<void>;
  readonly describe: (output: string) => string;
}

const onnxFolder = { marker: ONNX_FILE, content: 'ONNX model' };
const webFolder = { marker: WEB_MANIFEST, content: 'model for the web' };

const exportFormats: Readonly<Record<'onnx' | 'safetensors' | 'web', ExportFormat>> = {
  onnx: {
    takes: 'top',
    check: (output, overwrite) => checkOutputFolder(output, overwrite, onnxFolder),
    write: writeOnnx,
    describe: (output) => `The ONNX model is in ${output}, its item ids are in ${output}/items.json`,
  },
  safetensors: {
    check: checkOutputFile,
    write: (model, output) => writeSafetensors(model, output),
    describe: (output) => `Parameters, item ids and configuration are in ${output}`,
  },
  web: {
    takes: 'weights',
    check: (output, overwrite) => checkOutputFolder(output, overwrite, webFolder),
    write: writeWeb,
    describe: (output) => `The model for browsers is in ${output}; put the folder on any web server`,
  },
};

const exportFormatNames = Object.keys(exportFormats) as (keyof typeof exportFormats)[];

const options = {
  model: modelArgument,
  format: required(oneOf(exportFormatNames, 'Format of the output')),
  output: required(text('Folder to write; with safetensors a file')),
  top: integer(1, 'Number of best items that a graph returns, instead of the scores of all items'),
  weights: oneOf(
    ['float32', 'int8'],
    'Only for web (float32): int8 takes a quarter of the bytes and rounds the parameters',
  ),
  overwrite: flag('Replace an existing output'),
};

export const command: Command = {
  usage:
    '$0 export MODEL --format FORMAT --output PATH [options]\n\n' +
    'Writes a model for other programs. onnx: a graph whose input is one click and the state of each session, in a folder with the item ids. safetensors: parameters, item ids and configuration, which import reads. docs/recommend.md has a server for each. web: a folder for any web server, which a page loads as docs/browser.md shows.',
  options,
  examples: [
    'model --format onnx --output shop-onnx --top 20',
    'model --format safetensors --output shop.safetensors',
    'model --format web --output site/model --weights int8',
  ],
  run: runExport,
};

async function runExport(args: ArgumentsOf<typeof options>, terminal: Terminal): Promise<void> {
  const { directory, stderr } = terminal;
  const format = exportFormats[args.format];
  if (args.top !== undefined && format.takes !== 'top') {
    throw new UsageError(`--top expected a format that is a graph, such as onnx, got ${args.format}`);
  }
  if (args.weights !== undefined && format.takes !== 'weights') {
    throw new UsageError(`--weights expected the format web, got ${args.format}`);
  }
  const output = resolve(directory, args.output);
  await format.check(output, args.overwrite);
  const folder = resolve(directory, args.model);
  await expectFolder('MODEL', folder, 'a model');
  const model = await readModel(folder);
  const itemInfo = args.format === 'web' ? await readModelItemInfo(folder) : undefined;
  await format.write(model, output, { top: args.top, weights: args.weights, itemInfo });
  stderr.write(`${count(model.itemIds.length, 'item')}. ${format.describe(args.output)}\n`);
}
