import type { Gru4Rec } from '@gru4rec/model';
import type { ItemRows } from '../explain/nearest-items.ts';

/** The model's output table: a row per item, which scores it. @throws RangeError if the model has none. */
export function embeddingOf(model: Gru4Rec): ItemRows {
  const table = model.tensors.find(({ name }) => name === 'Wy');
  if (!table) throw new RangeError('The model has no output table "Wy".');
  return table;
}
