import { replaceFile } from '@gru4rec/durable-files';
import type { ExportedModel } from '../exported-model.ts';
import { idChunks } from '../item-ids.ts';
import { type OnnxOptions, toOnnx } from './to-onnx.ts';

/**
 * Writes `toOnnx` to a file, and the item ids by index, a JSON array of texts, to the file beside it that `itemsFileOf`
 * names; each whole or not at all.
 *
 * @param file - replaced if it is there, like the one beside it.
 * @throws DurableError if one cannot be written, RangeError as `toOnnx`.
 */
export async function writeOnnx(
  model: ExportedModel,
  file: string,
  options: OnnxOptions = {},
): Promise<void> {
  const bytes = toOnnx(model, options);
  await replaceFile(itemsFileOf(file), idChunks(model.itemIds));
  await replaceFile(file, [bytes]);
}

/** `shop.items.json` of `shop.onnx`. */
export function itemsFileOf(file: string): string {
  return `${file.replace(/\.onnx$/i, '')}.items.json`;
}
