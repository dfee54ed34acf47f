import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import type { Command } from '../command-table.ts';
import { explainModel } from '../explain-model.ts';
import { requiredText } from '../options.ts';
import { readModel } from '../read-inputs.ts';
import type { Terminal } from '../terminal.ts';

interface ExplainArguments {
  model: string;
  json: boolean;
}

/** `trainer explain`: what a model is made of, in one screen. */
export function explainCommand(terminal: Terminal): Command<ExplainArguments> {
  return {
    builder: describeOptions,
    handler: async ({ model, json }) => {
      const stored = await readModel(resolve(terminal.directory, model));
      const { config, history, dataset } = stored;
      const { text, parameters, memory } = explainModel(stored, model);
      const items = stored.itemIds.length;
      const facts = { config, items, parameters, memory, history, ...(dataset ? { dataset } : {}) };
      if (json) terminal.stdout.writeJson(facts);
      else terminal.stdout.write(text);
    },
  };
}

function describeOptions(yargs: Argv): Argv<ExplainArguments> {
  return yargs
    .usage('$0 explain --model MODEL [options]\n\nShows what a model is made of and how its training went.')
    .option('model', requiredText('model', 'Folder that train wrote'))
    .option('json', { type: 'boolean', default: false, describe: 'Answer with one JSON object' })
    .example('$0 explain --model model', '');
}
