import type { Variable } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import { type TableWidths, tableVariables } from '../parts/registry.ts';
import { buildTrainProgram } from '../programs/build-train-program.ts';
import type { ClickShape } from '../programs/click-features.ts';
import type { FeatureShape } from '../programs/item-features.ts';
import { inWords, ModelError } from './manifest.ts';
import { olderVariables } from './older-model.ts';
import type { StoredTensor } from './tensors.ts';

/** A manifest has some kilobytes, and one line per epoch. */
export const MAX_MANIFEST_BYTES: number = 16 * 2 ** 20;
/** Largest array of Node 20. */
const MAX_FILE_BYTES = 2 ** 32;
/** Item indices and the offsets of the column `id` are int32. */
const MAX_ITEMS = 2 ** 31;
export const MAX_ITEMS_BYTES: number = 2 ** 31;
const MAX_ID_BYTES = 2 ** 16;
const SLACK_BYTES = 2 ** 20;

/** Limits that a configuration sets for the files of its model. */
export interface ModelLimits {
  /** Parameters, tables and slots that the files must contain. */
  readonly variables: readonly Variable[];
  readonly items: number;
}

export interface ModelFeatures {
  readonly features?: FeatureShape | undefined;
  readonly clicks?: ClickShape | undefined;
  readonly tables?: TableWidths | undefined;
  /** Whether the file has the names of `olderVariables`. */
  readonly older?: boolean;
}

/**
 * What a model's files must contain, before they are read.
 * @throws ModelError for 2³¹ items or more, or more than 4 GiB of tensors in a file.
 */
export function modelLimits(
  file: string,
  config: ModelConfig,
  itemCount: number,
  { features, clicks, tables = {}, older = false }: ModelFeatures = {},
): ModelLimits {
  if (itemCount < 1 || itemCount >= MAX_ITEMS) {
    throw new ModelError(file, `asks for ${itemCount.toLocaleString('en-US')} items, expected 1 to 2^31 − 1`);
  }
  const shape = clicks && { ...clicks, scale: config.clickFeatureScale };
  const trained = buildTrainProgram(config, itemCount, { features, clicks: shape })
    .variables.map(({ variable }) => variable)
    .filter(({ kind }) => kind !== 'state' && kind !== 'constant');
  const newer = [...trained, ...tableVariables(tables, itemCount)];
  const variables = older ? olderVariables(newer) : newer;
  for (const isSlot of [false, true]) {
    const sizes = variables.filter(({ kind }) => (kind === 'slot') === isSlot);
    const bytes = sizes.reduce((sum, { rows, cols }) => sum + 4 * rows * cols, 0);
    if (bytes > MAX_FILE_BYTES) {
      const what = isSlot ? 'optimiser state' : 'parameters';
      throw new ModelError(
        file,
        `asks for ${inWords(bytes)} of ${what}, expected at most ${inWords(MAX_FILE_BYTES)}`,
      );
    }
  }
  return { variables, items: mostBytesOfItems(itemCount) };
}

/** Bytes that a file of so many item ids may have. */
export function mostBytesOfItems(itemCount: number): number {
  return Math.min(MAX_ITEMS_BYTES, itemCount * MAX_ID_BYTES + SLACK_BYTES);
}

/** The optimiser slots as zeros, whose memory the system gives when they are first used. */
export function zeroSlots({ variables }: ModelLimits): StoredTensor[] {
  const slots = variables.filter(({ kind }) => kind === 'slot');
  return slots.map((slot) => ({ ...slot, values: new Float32Array(slot.rows * slot.cols) }));
}
