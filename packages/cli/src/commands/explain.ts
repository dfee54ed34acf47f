import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import type { StoredModel } from '@gru4rec/model';
import type { Argv } from 'yargs';
import { checkOutputFile } from '../arguments/check-output.ts';
import { expectFolder } from '../arguments/folder-kind.ts';
import {
  flag,
  type ModelArguments,
  modelFolder,
  optionalText,
  withModelOption,
} from '../arguments/options.ts';
import { readModel } from '../arguments/read-inputs.ts';
import { readItemInfoOf } from '../arguments/read-item-info.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';
import { explainModel } from './explain-model.ts';

interface ExplainArguments extends ModelArguments {
  json: boolean;
  html: string | undefined;
  log: string | undefined;
}

/** `gru4rec explain`: describes a model in one screen. */
export const explainCommand: Command<ExplainArguments> = { builder: describeOptions, handler: runExplain };

/** A training that has not ended has a log and no model. */
async function runExplain({ json, html, log, ...args }: ExplainArguments, terminal: Terminal): Promise<void> {
  if (log !== undefined && html === undefined) {
    throw new UsageError('--log expected --html with it, the page to draw, got none');
  }
  const onlyLog = log !== undefined && !args.folder && args.model === undefined;
  if (onlyLog && json) throw new UsageError('--json expected a model, got only a log');
  const [file, logFile] = [html, log].map((path) => path && resolve(terminal.directory, path));
  if (file) await checkOutputFile(file, true);
  const model = onlyLog ? undefined : modelFolder(args);
  const stored = model === undefined ? undefined : await describe(model, json, terminal);
  if (!file) return;
  // Loaded only here, because the library of its charts takes a second to load.
  const { writeTrainingPage } = await import('../training/training-page.ts');
  await writeTrainingPage(file, {
    model: stored && { name: model ?? '', ...stored },
    log: logFile,
    title: model ?? log ?? '',
  });
  terminal.stderr.write(`The page is ${html}\n`);
}

/** Prints what a model is. */
async function describe(model: string, json: boolean, terminal: Terminal): Promise<StoredModel> {
  const directory = resolve(terminal.directory, model);
  await expectFolder('--model', directory, 'a model');
  const stored = await readModel(directory);
  const { config, history, dataset } = stored;
  const info = await readItemInfoOf(directory, stored.itemIds);
  const { text, parameters, memory } = explainModel(stored, model, info);
  const items = stored.itemIds.length;
  const itemInfo = info && { items: info.size, titles: info.hasTitles, groups: info.hasGroups };
  const optional = { ...(dataset ? { dataset } : {}), ...(itemInfo ? { itemInfo } : {}) };
  if (json) terminal.stdout.writeJson({ config, items, parameters, memory, history, ...optional });
  else terminal.stdout.write(text);
  return stored;
}

function describeOptions(yargs: Argv): Argv<ExplainArguments> {
  return withModelOption(yargs)
    .usage(
      '$0 explain MODEL [options]\n$0 explain --log FILE.jsonl --html PAGE.html\n\nShows the configuration, parameters and training history of a model.',
    )
    .option('json', flag('Print one JSON object'))
    .option(
      'html',
      optionalText('html', 'Page to write: loss, validation, learning rate and speed as charts'),
    )
    .option('log', optionalText('log', 'Log of a training, for the page; also while it runs'))
    .example('$0 explain model', '')
    .example('$0 explain --log training.jsonl --html training.html', '');
}
