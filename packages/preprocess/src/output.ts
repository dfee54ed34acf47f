import { basename } from 'node:path';
import { itemInfoLines, type LineCounts } from '@gru4rec/item-info';
import { type DatasetSource, type SourceChunk, type SplitName, writeDatasetFiles } from '@gru4rec/sessions';
import type { LoadedFile } from './backends/backend.ts';
import { CatalogueItems } from './catalogue.ts';
import { contextOf } from './events/contexts.ts';
import { itemRowsIn } from './items-file.ts';
import type { CheckedOptions } from './options.ts';
import type { Preparation } from './preparation.ts';
import { heldOutSplits } from './split-options.ts';
import { splitNumbers } from './steps/split-numbers.ts';

/** Share of the time of writing before the first sessions, in which the events are ordered. */
const ORDERED = 0.38;

/** Writes the files of the dataset. */
export async function writeOutput({
  reader: { log },
  options,
  workplace,
  catalogue,
  funnel,
  progress,
  report,
}: Preparation): Promise<undefined> {
  const { events, files, timeUnit, badRows, contexts } = log;
  const { compression = 'none' } = options;
  const total = funnel.events(['train', 'validation', 'test']);
  const known = catalogue && new CatalogueItems(catalogue);
  let written = 0;
  let itemInfo: LineCounts | undefined;
  async function* sessionsOf(split: SplitName): AsyncGenerator<SourceChunk> {
    for await (const { context, ...chunk } of events.sessions(splitNumbers[split])) {
      const items = known ? known.renumber(chunk.items) : chunk.items;
      yield { ...chunk, items, ...(contexts && context && { context: contextOf(context, contexts) }) };
      written += chunk.items.length;
      progress.report(split, ORDERED + (1 - ORDERED) * (written / total));
    }
  }
  progress.part('order', 0, ORDERED);
  const described = describePreparation(options, files);
  const source = {
    items: known ? known.items(events.items()) : events.items(),
    splits: {
      train: sessionsOf('train'),
      ...Object.fromEntries(heldOutSplits(options).map((split) => [split, sessionsOf(split)])),
    },
    contextColumns: contexts?.columns,
    preparation: { ...described, timeUnit, badRows: badRows.count, funnel: funnel.rows },
    itemInfo: itemInfoOf(options, (counts) => {
      itemInfo = counts;
    }),
  };
  const packing = compression === 'none' ? undefined : compression;
  report.manifest = await writeDatasetFiles(workplace.folder, source, packing);
  report.itemInfo = itemInfo;
  report.coldItems = known?.cold ?? 0;
}

/** The lines of the items file about items of the dataset. */
function itemInfoOf(
  { items: path, itemsIdColumn }: CheckedOptions,
  onEnd: (counts: LineCounts) => void,
): DatasetSource['itemInfo'] {
  if (path === undefined) return undefined;
  const sources = [{ path, rows: itemRowsIn(path, itemsIdColumn) }];
  return (itemIds) => itemInfoLines(sources, itemIds, onEnd);
}

/** The options that determine the data and the names of the inputs, independent of the machine. */
function describePreparation(options: CheckedOptions, files: readonly LoadedFile[]): Record<string, unknown> {
  const { inputs, testInputs, items, itemsIdColumn, output, overwrite, onProgress, ...others } = options;
  const { memoryLimit, threads, maxUnpackedBytes, spark, onAbsentTypes, ...shaping } = others;
  const named = (isTest: boolean) =>
    files
      .filter((file) => file.isTest === isTest)
      .map(({ file, format, rows }) => ({ file: basename(file), format, rows }));
  return { options: shaping, inputs: named(false), testInputs: named(true) };
}
