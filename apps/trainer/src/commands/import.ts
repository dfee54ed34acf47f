import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Gru4Rec, type ModelConfig, parseConfig, readItems } from '@gru4rec/model';
import { type ImportedTensors, OriginalFormatError, readOriginalWeights, toTensors } from '@gru4rec/original';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { checkOutputFolder } from '../check-output-folder.ts';
import { createEngine } from '../engines.ts';
import { requiredText } from '../options.ts';
import {
  type OriginalArguments,
  readOriginalParameters,
  withOriginalOptions,
} from '../original-parameters.ts';
import { groupDigits } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface ImportArguments extends OriginalArguments {
  weights: string;
  items: string;
  output: string;
  overwrite: boolean;
}

/** `trainer import`: a model that the authors' PyTorch code trained becomes one of ours. */
export function importCommand(terminal: Terminal): CommandModule<object, ImportArguments> {
  return {
    command: 'import',
    describe: 'Take over a model that the authors’ PyTorch code trained',
    builder: describeOptions,
    handler: (args) => runImport(args, terminal),
  };
}

function describeOptions(yargs: Argv): Argv<ImportArguments> {
  return withOriginalOptions(yargs)
    .usage(
      '$0 import --weights FILE.arrow --items FILE.arrow --parameter-string STRING --output MODEL\n\n' +
        'Takes over a model that the authors’ PyTorch code trained. How to write its weights to the two files stands in packages/original/README.md.',
    )
    .option('weights', requiredText('weights', 'Arrow file: name, rows, cols, values of each tensor'))
    .option('items', requiredText('items', 'Arrow file: id of each item, in index order'))
    .option('output', requiredText('output', 'Folder for the model'))
    .option('overwrite', {
      type: 'boolean',
      default: false,
      describe: 'Replace a model that is in the output folder',
    })
    .example(
      '$0 import --weights weights.arrow --items items.arrow --parameter-file rsc15.py --output model',
      '',
    );
}

async function runImport(args: ArgumentsCamelCase<ImportArguments>, terminal: Terminal): Promise<void> {
  const { directory, stderr } = terminal;
  const parameters = await readOriginalParameters(args, terminal);
  if (!parameters) {
    throw new UsageError('import expected --parameter-string or --parameter-file, got neither');
  }
  const config = parseConfig(parameters);
  const output = resolve(directory, args.output);
  await checkOutputFolder(output, args.overwrite);
  const weights = resolve(directory, args.weights);
  const { tensors, itemCount } = readWeights(weights, await readBytes(weights), config);
  const items = resolve(directory, args.items);
  const itemIds = readItems(items, await readBytes(items));
  if (itemIds.length !== itemCount) {
    throw new Error(
      `${items} expected ${itemCount} item ids, as many as rows in the tables of ${args.weights}, got ${itemIds.length}`,
    );
  }
  const model = new Gru4Rec({ config, itemIds, history: [], tensors, engine: createEngine('wasm') });
  await model.save(output);
  stderr.write(`${groupDigits(itemIds.length)} items and their parameters. The model is in ${args.output}\n`);
}

/** What is wrong with a file is a failure, not a wrong command line. */
function readWeights(file: string, bytes: Uint8Array, config: ModelConfig): ImportedTensors {
  try {
    return toTensors(readOriginalWeights(file, bytes), config);
  } catch (error) {
    throw error instanceof OriginalFormatError ? new Error(error.message) : error;
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause) => {
    throw new Error(`${file} cannot be read`, { cause });
  });
}
