import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { expectFolder } from '../arguments/folder-kind.ts';
import { flag, type ModelArguments, modelFolder, withModelOption } from '../arguments/options.ts';
import { readModel } from '../arguments/read-inputs.ts';
import { readItemInfoOf } from '../arguments/read-item-info.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';
import { explainModel } from './explain-model.ts';

interface ExplainArguments extends ModelArguments {
  json: boolean;
}

/** `trainer explain`: describes a model in one screen. */
export function explainCommand(terminal: Terminal): Command<ExplainArguments> {
  return {
    builder: describeOptions,
    handler: async ({ json, ...args }) => {
      const model = modelFolder(args);
      const directory = resolve(terminal.directory, model);
      await expectFolder('--model', directory, 'a model');
      const stored = await readModel(directory);
      const { config, history, dataset } = stored;
      const info = await readItemInfoOf(directory, stored.itemIds);
      const { text, parameters, memory } = explainModel(stored, model, info);
      const items = stored.itemIds.length;
      const itemInfo = info && { items: info.size, titles: info.hasTitles, groups: info.hasGroups };
      const optional = { ...(dataset ? { dataset } : {}), ...(itemInfo ? { itemInfo } : {}) };
      const facts = { config, items, parameters, memory, history, ...optional };
      if (json) terminal.stdout.writeJson(facts);
      else terminal.stdout.write(text);
    },
  };
}

function describeOptions(yargs: Argv): Argv<ExplainArguments> {
  return withModelOption(yargs)
    .usage(
      '$0 explain MODEL [options]\n\nShows the configuration, parameters and training history of a model.',
    )
    .option('json', flag('Print one JSON object'))
    .example('$0 explain model', '');
}
