import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { itemChunks, readItems, readTensors, tensorChunks } from './arrow-files.ts';
import { writeFolder } from './atomic-folder.ts';
import { buildTrainStep } from './build-train-step.ts';
import { type ModelConfig, parseConfig, stepConfig } from './config.ts';
import type { EpochRecord } from './epoch-record.ts';
import { ModelError } from './model-error.ts';
import type { StoredTensor } from './stored-tensor.ts';

/** The dataset a model was trained on. */
export interface DatasetReference {
  readonly checksum: string;
  readonly directory: string;
}

/** What a model folder holds. */
export interface StoredModel {
  readonly config: ModelConfig;
  /** Caller's id of each item index. */
  readonly itemIds: readonly string[];
  readonly history: readonly EpochRecord[];
  /** Parameters, tables and optimiser slots. */
  readonly tensors: readonly StoredTensor[];
  /** What it was last trained on, if its folder says so. */
  readonly dataset?: DatasetReference;
}

const FORMAT = 'gru4rec-model';
const VERSION = 1;
const MANIFEST = 'model.json';
const files = { parameters: 'parameters.arrow', optimizer: 'optimizer.arrow', items: 'items.arrow' } as const;

/** model.json of a model folder. */
interface ModelManifest {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly config: ModelConfig;
  readonly itemCount: number;
  readonly history: readonly EpochRecord[];
  readonly dataset?: DatasetReference;
  /** sha256 of each file, in hexadecimal. */
  readonly checksums: Readonly<Record<string, string>>;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Writes a model folder; see `Gru4Rec.save`. */
export async function saveModel(
  model: StoredModel,
  directory: string,
  info: { dataset?: DatasetReference },
): Promise<void> {
  const contents = {
    [files.parameters]: tensorChunks(model.tensors.filter((t) => t.kind !== 'slot')),
    [files.optimizer]: tensorChunks(model.tensors.filter((t) => t.kind === 'slot')),
    [files.items]: itemChunks(model.itemIds),
  };
  await writeFolder(directory, contents, {
    name: MANIFEST,
    make: (checksums) => {
      const manifest: ModelManifest = {
        format: FORMAT,
        version: VERSION,
        config: model.config,
        itemCount: model.itemIds.length,
        history: model.history,
        ...info,
        checksums,
      };
      return new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
    },
  });
}

/**
 * Reads a model folder and checks all of it.
 *
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum), or
 *   with tensors that do not fit the configuration.
 */
export async function readModel(directory: string): Promise<StoredModel> {
  const manifest = await readManifest(directory);
  const config = configOf(directory, manifest);
  const bytes = async (name: string): Promise<Uint8Array> => checkedBytes(directory, name, manifest);
  const itemIds = readItems(join(directory, files.items), await bytes(files.items));
  if (itemIds.length !== manifest.itemCount) {
    const expected = `${manifest.itemCount} items as in ${MANIFEST}`;
    throw new ModelError(join(directory, files.items), `expected ${expected}, got ${itemIds.length}`);
  }
  const parameters = readTensors(join(directory, files.parameters), await bytes(files.parameters));
  const slots = readTensors(join(directory, files.optimizer), await bytes(files.optimizer));
  const found = new Map([...parameters, ...slots].map((t) => [t.name, t]));
  const tensors = expectedTensors(directory, config, itemIds.length, found);
  const { history, dataset } = manifest;
  return { config, itemIds, history, tensors, ...(dataset ? { dataset } : {}) };
}

async function readManifest(directory: string): Promise<ModelManifest> {
  const file = join(directory, MANIFEST);
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new ModelError(file, 'cannot be read. Give the folder that `train` wrote', { cause });
  });
  let manifest: Partial<ModelManifest> | null;
  try {
    manifest = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(file, 'is not JSON. Copy or train the model again', { cause });
  }
  if (manifest?.format !== FORMAT)
    throw new ModelError(
      file,
      `is not a model: "format" expected ${FORMAT}. Give the folder that \`train\` wrote`,
    );
  if (manifest.version !== VERSION) {
    throw new ModelError(
      file,
      `has format version ${manifest.version}; this program reads ${VERSION}. Train it again, or use the release that wrote it`,
    );
  }
  const { checksums, itemCount } = manifest;
  const complete = typeof checksums === 'object' && checksums !== null && Number.isInteger(itemCount);
  if (!complete || !Array.isArray(manifest.history))
    throw new ModelError(file, 'lacks checksums, itemCount or history');
  return manifest as ModelManifest;
}

function configOf(directory: string, manifest: ModelManifest): ModelConfig {
  try {
    return parseConfig(manifest.config);
  } catch (cause) {
    throw new ModelError(join(directory, MANIFEST), 'holds a configuration that is not valid', { cause });
  }
}

async function checkedBytes(directory: string, name: string, manifest: ModelManifest): Promise<Uint8Array> {
  const file = join(directory, name);
  const bytes = await readFile(file).catch((cause) => {
    throw new ModelError(file, 'cannot be read', { cause });
  });
  if (sha256(bytes) !== manifest.checksums[name]) {
    throw new ModelError(
      file,
      `differs from the checksum in ${MANIFEST}: it is truncated or was altered. Copy or train it again`,
    );
  }
  return bytes;
}

/** The tensors that the configuration asks for, each there, of its shape and finite. */
function expectedTensors(
  directory: string,
  config: ModelConfig,
  itemCount: number,
  found: ReadonlyMap<string, StoredTensor>,
): StoredTensor[] {
  const kept = buildTrainStep(stepConfig(config), itemCount).variables.filter(
    ({ variable }) => variable.kind !== 'state' && variable.kind !== 'constant',
  );
  return kept.map(({ variable: { name, kind, rows, cols } }) => {
    const file = join(directory, kind === 'slot' ? files.optimizer : files.parameters);
    const tensor = found.get(name);
    if (!tensor) throw new ModelError(file, `lacks "${name}" [${rows}, ${cols}]`);
    if (tensor.rows !== rows || tensor.cols !== cols) {
      const got = `[${tensor.rows}, ${tensor.cols}]`;
      throw new ModelError(file, `"${name}" expected [${rows}, ${cols}], got ${got}`);
    }
    if (!tensor.values.every(Number.isFinite)) throw new ModelError(file, `"${name}" holds NaN or infinity`);
    return { ...tensor, kind };
  });
}
