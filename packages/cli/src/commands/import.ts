import { resolve } from 'node:path';
import { readSafetensors } from '@gru4rec/formats';
import { Gru4Rec } from '@gru4rec/model';
import { checkOutputFolder } from '../arguments/folders.ts';
import { type ArgumentsOf, type Command, flag, required, text } from '../arguments/options.ts';
import { configPath, readConfig } from '../arguments/read-inputs.ts';
import { createEngine } from '../engines/choose-engine.ts';
import { count } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

const options = {
  safetensors: required(
    text('File that export --format safetensors wrote, or weights of the authors’ PyTorch code'),
  ),
  config: text('For such weights: their parameter file (.py, an OrderedDict of literals; it is never run)'),
  output: required(text('Folder for the model')),
  overwrite: flag('Replace a model in the output folder'),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 import --safetensors FILE --output MODEL [options]\n\n' +
    'Imports a model that export wrote as safetensors, or one that the authors’ PyTorch code trained; packages/formats/README.md has the Python that writes its weights. The state of the optimiser is not imported.',
  options,
  examples: [
    '--safetensors shop.safetensors --output model',
    '--safetensors weights.safetensors --config rsc15.py --output model',
  ],
  run: runImport,
};

async function runImport(args: Arguments, { directory, stderr }: Terminal): Promise<void> {
  const config =
    args.config === undefined ? undefined : await readConfig(configPath(directory, args.config), {}, stderr);
  const output = resolve(directory, args.output);
  await checkOutputFolder(output, args.overwrite);
  const stored = await readSafetensors(resolve(directory, args.safetensors), config);
  const model = new Gru4Rec({ ...stored, engine: await createEngine('wasm') });
  await model.save(output);
  stderr.write(`${count(stored.itemIds.length, 'item')} with parameters. The model is in ${args.output}\n`);
}
