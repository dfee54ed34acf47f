import { resolve } from 'node:path';
import { makeWasmEngine } from '@gru4rec/engines';
import { Gru4Rec } from '@gru4rec/model';
import type { RecommenderPart } from '@gru4rec/recommender';
import { loadRecommender } from '../arguments/read-inputs.ts';
import { plainTable } from '../terminal/plain-table.ts';
import { printable } from '../terminal/printable.ts';
import { count } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatBytes } from './describe-model.ts';

/**
 * Prints what a baseline or a mix is.
 *
 * @param folder - as the user wrote it.
 * @param json - one JSON object instead of text.
 */
export async function inspectRecommender(
  folder: string,
  json: boolean,
  { directory, stdout }: Terminal,
): Promise<void> {
  const { engine } = makeWasmEngine({ kernels: 'wasm' });
  const recommender = await loadRecommender(resolve(directory, folder), { engine });
  // The folder may have been replaced by a model meanwhile.
  if (recommender instanceof Gru4Rec) throw new Error(`${folder} holds a GRU4Rec now. Inspect it again`);
  const { name, parts, itemIds, dataset, tunedOn } = recommender;
  const described = parts.map(describePart);
  const rows = described.map(({ weight, part, options, bytes }) => {
    const shown = Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
    return [Number(weight.toFixed(3)), part, shown.join(', '), formatBytes(bytes)];
  });
  const table = plainTable(['weight', 'part', 'options', 'size'], rows, [1, 2]);
  const from = dataset
    ? `\nDataset: ${printable(dataset.directory)} (${printable(dataset.checksum.slice(0, 16))}…)`
    : '';
  const title = `${printable(folder)}: ${printable(name)}, ${count(itemIds.length, 'item')}`;
  if (json) {
    stdout.writeJson({ name, items: itemIds.length, parts: described, ...(dataset && { dataset }), tunedOn });
  } else stdout.write(`${title}\n\n${table}${from}\n`);
}

function describePart({ recommender, weight }: RecommenderPart) {
  if (recommender instanceof Gru4Rec) {
    const bytes = recommender.tensors
      .filter(({ kind }) => kind !== 'slot')
      .reduce((sum, { values }) => sum + values.byteLength, 0);
    const { layers, loss, seed } = recommender.config;
    return { weight, part: 'GRU4Rec', options: { layers, loss, seed }, bytes };
  }
  return { weight, part: recommender.name, options: recommender.from.options, bytes: recommender.bytes };
}
