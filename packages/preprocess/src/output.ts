import { basename } from 'node:path';
import { itemInfoLines, readItemRows } from '@gru4rec/item-info';
import { type DatasetSource, type SourceChunk, type SplitName, writeDatasetFiles } from '@gru4rec/sessions';
import { heldOutSplits, type Preparation } from './preparation.ts';
import type { StageRunner } from './run-stages.ts';
import { splitNumbers } from './steps/split-numbers.ts';

/** Writes the dataset. The next step begins when the first sessions are written. */
export async function writeOutput(work: Preparation, runner: StageRunner): Promise<void> {
  const { events, options, workplace, funnel, timeUnit = 's', badRows } = work;
  const { compression = 'none' } = options;
  const total = funnel.events(['train', 'validation', 'test']);
  let written = 0;
  async function* sessionsOf(split: SplitName): AsyncGenerator<SourceChunk> {
    for await (const chunk of events.sessions(splitNumbers[split])) {
      yield chunk;
      if (written === 0) runner.next();
      written += chunk.items.length;
      runner.report(split, written / total);
    }
  }
  const source = {
    items: events.items(),
    splits: {
      train: sessionsOf('train'),
      ...Object.fromEntries(heldOutSplits(options).map((split) => [split, sessionsOf(split)])),
    },
    preparation: { ...describePreparation(work), timeUnit, badRows, funnel: funnel.rows },
    itemInfo: itemInfoOf(work),
  };
  const packing = compression === 'none' ? undefined : compression;
  work.manifest = await writeDatasetFiles(workplace.folder, source, packing);
}

/** The lines of the items file about items of the dataset. */
function itemInfoOf(work: Preparation): DatasetSource['itemInfo'] {
  const path = work.options.items;
  if (path === undefined) return undefined;
  const sources = [{ path, rows: readItemRows(path) }];
  return (itemIds) =>
    itemInfoLines(sources, itemIds, (counts) => {
      work.itemInfo = counts;
    });
}

/** The options that determine the data and the names of the inputs, independent of the machine. */
function describePreparation({ options, files }: Preparation): Record<string, unknown> {
  const { inputs, testInputs, items, output, overwrite, onProgress, ...others } = options;
  const { memoryLimit, threads, maxUnpackedBytes, spark, onAbsentTypes, ...shaping } = others;
  const named = (isTest: boolean) =>
    files
      .filter((file) => file.isTest === isTest)
      .map(({ file, format, rows }) => ({ file: basename(file), format, rows }));
  return { options: shaping, inputs: named(false), testInputs: named(true) };
}
