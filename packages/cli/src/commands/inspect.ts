import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { checkOutputFile, folderKind, isBaselineFolder } from '../arguments/folders.ts';
import { type ArgumentsOf, argument, type Command, flag, modelPath, text } from '../arguments/options.ts';
import { inspectDataset } from '../inspecting/inspect-dataset.ts';
import { inspectModel, inspectRecommender } from '../inspecting/inspect-model.ts';
import type { Terminal } from '../terminal/terminal.ts';

const options = {
  folder: argument(
    'DATA|MODEL',
    modelPath('Folder of a dataset, which prepare wrote, or of a model, which train wrote'),
  ),
  html: text('File for a page with charts; an earlier one is replaced'),
  json: flag('Print one JSON object'),
  log: text('Log of a training, for the page of a model; also while it runs'),
};

export const command: Command = {
  usage:
    '$0 inspect DATA|MODEL [options]\n$0 inspect --log FILE.jsonl --html PAGE.html\n\n' +
    'Describes a dataset before any model is trained, and says what to do about what it finds. Of a model, it shows configuration, parameters and training history.',
  options,
  examples: ['data', 'data --html data.html', 'model', '--log training.jsonl --html training.html'],
  run: runInspect,
};

async function runInspect(args: ArgumentsOf<typeof options>, terminal: Terminal): Promise<void> {
  const { folder, html, log } = args;
  if (log !== undefined && html === undefined) {
    throw new UsageError('--log expected --html with it, the page to draw, got none');
  }
  if (folder === undefined && log === undefined) {
    throw new UsageError(
      'inspect expected the folder of a dataset or a model as its first argument, got none',
    );
  }
  const path = folder && resolve(terminal.directory, folder);
  if (folder && path && (await isBaselineFolder(path))) {
    if (html !== undefined) throw new UsageError('--html expected a model or a dataset, got a baseline');
    return inspectRecommender(folder, args.json, terminal);
  }
  const isDataset = folder !== undefined && (await isDatasetFolder(folder, terminal));
  if (folder === undefined && args.json) {
    throw new UsageError('--json expected a model or a dataset, got only a log');
  }
  if (isDataset && log !== undefined) throw new UsageError('--log expected a model, got a dataset');
  const page = html && resolve(terminal.directory, html);
  if (page) await checkOutputFile(page, true);
  if (isDataset) await inspectDataset(folder, args.json, page, terminal);
  else await inspectModel(folder, args, page, terminal);
  if (page) terminal.stderr.write(`The page is ${html}\n`);
}

async function isDatasetFolder(folder: string, { directory }: Terminal): Promise<boolean> {
  const path = resolve(directory, folder);
  const kind = await folderKind(path);
  if (kind === 'a dataset' || kind === 'a model') return kind === 'a dataset';
  if (kind !== undefined) {
    throw new UsageError(`DATA|MODEL expected a dataset or a model, got ${kind}, at ${path}`);
  }
  throw new Error(`${path} is neither the folder of a dataset nor that of a model`);
}
