import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ITEM_INFO_FILE } from '@gru4rec/item-info';
import type { ModelSource } from '@gru4rec/serving';

/**
 * The items file of the first model that records anything about its items; undefined if none does. A server reads it again
 * when the model is replaced.
 */
export function itemsOfModels(models: readonly ModelSource[]): string | undefined {
  return models.map(({ directory }) => join(directory, ITEM_INFO_FILE)).find(existsSync);
}
