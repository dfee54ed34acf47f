import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { readSafetensors } from '@gru4rec/formats';
import {
  type ImportedTensors,
  OriginalFormatError,
  readOriginalWeights,
  toTensors,
} from '@gru4rec/formats/pytorch';
import { Gru4Rec, type ModelConfig, readItems, type StoredModel } from '@gru4rec/model';
import { checkOutputFolder } from '../arguments/folders.ts';
import { type ArgumentsOf, type Command, flag, required, text } from '../arguments/options.ts';
import { configPath, readBounded, readConfig } from '../arguments/read-inputs.ts';
import { createEngine } from '../engines/choose-engine.ts';
import { count } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Maximum bytes of a file: the tensors of a model have at most 4 GiB. */
const MAX_WEIGHTS_BYTES = 2 ** 32;

const options = {
  safetensors: text('File that export --format safetensors wrote'),
  weights: text('Arrow file: name, rows, cols, values of each tensor'),
  items: text('Arrow file: id of each item, in index order'),
  config: text('Their parameter file (.py, an OrderedDict of literals; it is never run)'),
  output: required(text('Folder for the model')),
  overwrite: flag('Replace a model in the output folder'),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 import --safetensors FILE --output MODEL\n$0 import --weights FILE.arrow --items FILE.arrow --config FILE.py --output MODEL\n\n' +
    'Imports a model that export wrote as safetensors, or one that the authors’ PyTorch code trained; packages/formats/README.md explains how to write its weights to the two files. The state of the optimiser is not imported.',
  options,
  examples: [
    '--safetensors shop.safetensors --output model',
    '--weights weights.arrow --items items.arrow --config rsc15.py --output model',
  ],
  run: runImport,
};

async function runImport(args: Arguments, terminal: Terminal): Promise<void> {
  checkCombination(args);
  const { directory, stderr } = terminal;
  const read =
    args.safetensors === undefined ? await originalReader(args, terminal) : exportedReader(args, terminal);
  const output = resolve(directory, args.output);
  await checkOutputFolder(output, args.overwrite);
  const stored = await read();
  const model = new Gru4Rec({ ...stored, engine: await createEngine('wasm') });
  await model.save(output);
  stderr.write(`${count(stored.itemIds.length, 'item')} with parameters. The model is in ${args.output}\n`);
}

function checkCombination(args: Arguments): void {
  const beside = (['weights', 'items', 'config'] as const).find((name) => args[name] !== undefined);
  if (args.safetensors !== undefined && beside !== undefined) {
    throw new UsageError(`--safetensors has the complete model and expected no --${beside} with it`);
  }
  if (args.safetensors === undefined && (args.weights === undefined || args.items === undefined)) {
    const got = args.weights ?? args.items;
    throw new UsageError(
      `import expected --safetensors, or --weights and --items, got ${got === undefined ? 'neither' : 'one of these two'}`,
    );
  }
}

type ReadModel = () => Promise<StoredModel>;

function exportedReader({ safetensors = '' }: Arguments, { directory }: Terminal): ReadModel {
  return () => readSafetensors(resolve(directory, safetensors));
}

/** Reads the parameters first: their errors are usage errors, reported before any file is read. */
async function originalReader(args: Arguments, terminal: Terminal): Promise<ReadModel> {
  const { directory, stderr } = terminal;
  if (args.config === undefined) {
    throw new UsageError('import expected --config FILE.py with --weights, got none');
  }
  const file = configPath(directory, args.config);
  const config = await readConfig(file, {}, (note) => stderr.write(`Note: ${note}\n`));
  const { weights: weightsFile = '', items: itemsFile = '' } = args;
  return async () => {
    const weights = resolve(directory, weightsFile);
    const { tensors, itemCount } = readWeights(weights, await readBytes(weights), config);
    const items = resolve(directory, itemsFile);
    const itemIds = readItems(items, await readBytes(items));
    if (itemIds.length === itemCount) return { config, itemIds, history: [], tensors };
    throw new Error(
      `${items} expected ${itemCount} item ids, as many as rows in the tables of ${weightsFile}, got ${itemIds.length}`,
    );
  };
}

/** An error in a file is a failure, not a usage error. */
function readWeights(file: string, bytes: Uint8Array, config: ModelConfig): ImportedTensors {
  try {
    return toTensors(readOriginalWeights(file, bytes), config);
  } catch (error) {
    throw error instanceof OriginalFormatError ? new Error(error.message) : error;
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  return readBounded(file, MAX_WEIGHTS_BYTES).catch((cause) => {
    throw new Error(`${file} cannot be read`, { cause });
  });
}
