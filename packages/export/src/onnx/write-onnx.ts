import { writeFolder } from '@gru4rec/durable-files';
import type { ExportedModel } from '../exported-model.ts';
import { idChunks } from '../item-ids.ts';
import { type OnnxOptions, toOnnx } from './to-onnx.ts';

/** The graph in a folder that `writeOnnx` made. */
export const ONNX_FILE = 'model.onnx';

/**
 * Writes `toOnnx` as a folder: the graph in `model.onnx`, and the item ids by index, a JSON array of texts, in
 * `items.json`; whole or not at all.
 *
 * @param folder - made, or replaced if it holds a graph of that name.
 * @throws DurableError if it holds something else or cannot be written, RangeError as `toOnnx`.
 */
export async function writeOnnx(
  model: ExportedModel,
  folder: string,
  options: OnnxOptions = {},
): Promise<void> {
  const bytes = toOnnx(model, options);
  await writeFolder(
    folder,
    { 'items.json': idChunks(model.itemIds) },
    { name: ONNX_FILE, make: () => bytes },
  );
}
