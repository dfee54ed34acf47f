import { join } from 'node:path';
import { show } from '@gru4rec/checks';
import { checkJson, type JsonFlaw } from '@gru4rec/checks/json';
import { DataError, type DatasetManifest, type SplitName } from '@gru4rec/dataset';
import { z } from 'zod';
import {
  type AppendOptions,
  type CheckedOptions,
  checkPrepare,
  type PrepareOptions,
  prepareChecks,
} from './options.ts';
import { cutSplits, type SplitOptions, splitChecks, splitRule } from './split-options.ts';

export interface Made {
  readonly preparation: Readonly<Record<string, unknown>> & { readonly appended?: readonly unknown[] };
  readonly options: Partial<PrepareOptions>;
  readonly cutOff: readonly SplitName[];
  readonly directory: string;
}

/** In the order of the manifest. New events use those of the dataset. */
const shaping = [
  ...(['sessionColumn', 'itemColumn', 'timeColumn', 'userColumn', 'sessionGapMs', 'eventColumn'] as const),
  ...(['eventTypes', 'eventsField', 'timeUnit', 'onBadRow', 'minSessionLength', 'maxSessionLength'] as const),
  ...(['minItemSupport', 'filterUntilStable', 'collapseRepeats', 'contextColumns'] as const),
];

const preparationSchema = z.looseObject({
  options: z.record(z.string(), z.unknown()),
  appended: z.array(z.unknown()).optional(),
});

export function madeOf({ preparation }: DatasetManifest, directory: string): Made {
  const found = checkJson(preparationSchema, preparation, (flaw) => notMade(directory, flaw)).options;
  const named = (names: readonly (keyof PrepareOptions)[]) =>
    Object.fromEntries(names.filter((name) => found[name] !== undefined).map((name) => [name, found[name]]));
  const splits = named(Object.keys(splitChecks) as (keyof SplitOptions)[]);
  const options = named(shaping);
  for (const [name, value] of Object.entries({ ...options, ...splits })) {
    const { expected, fits } = prepareChecks[name as keyof PrepareOptions];
    if (!fits(value)) throw notMade(directory, { path: `options.${name}`, expected, got: show(value) });
  }
  const cutOff = cutSplits.filter((split) => splitRule(splits, split) !== undefined);
  return { preparation: preparation as Made['preparation'], options, cutOff, directory };
}

export function optionsFor({ options, directory }: Made, given: AppendOptions): CheckedOptions {
  const { onBadRow, items: _items, itemsIdColumn: _column, lateSessions: _late, ...run } = given;
  checkPrepare({ ...run, onBadRow });
  // The manifest always has a session column and a gap, even if only one of them was used.
  const { sessionColumn, sessionGapMs, ...others } = options;
  const columns = options.userColumn === undefined ? { sessionColumn } : { sessionGapMs };
  try {
    return checkPrepare({ ...run, ...others, ...columns, onBadRow: onBadRow ?? options.onBadRow });
  } catch (cause) {
    const flaw = { path: 'options', expected: 'the options of prepare', got: (cause as Error).message };
    throw notMade(directory, flaw, cause);
  }
}

function notMade(directory: string, { path, expected, got }: JsonFlaw, cause?: unknown): DataError {
  const file = join(directory, 'dataset.json');
  const place = path === '' ? 'preparation' : `preparation.${path}`;
  const message = `append: "${place}" expected ${expected}, got ${got}, at ${file}. Prepare the dataset again from all files.`;
  return new DataError(message, { file, cause });
}
