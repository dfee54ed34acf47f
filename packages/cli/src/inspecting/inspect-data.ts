import type { ItemInfoTable } from '@gru4rec/item-info';
import type { Engine } from '@gru4rec/program';
import type { DatasetManifest, SessionDataset } from '@gru4rec/sessions';
import { adviceOn } from './advice.ts';
import { describeContext } from './context-columns.ts';
import {
  concentration,
  duplicates,
  eventsOverTime,
  laterTraining,
  lifetimes,
  repeats,
  sessionLengths,
} from './figures.ts';
import type { Inspection } from './inspection.ts';
import { describeColumns } from './item-columns.ts';
import { type OrderLimits, orderFigures } from './order.ts';

/** Options of an inspection. */
export interface InspectOptions {
  /** Name of the dataset in the report. */
  readonly name: string;
  /** Trains the GRU that shows whether order matters; undefined: that is not measured. */
  readonly engine: Engine | undefined;
  readonly limits: OrderLimits;
  /** What the dataset records about its items. */
  readonly itemInfo?: ItemInfoTable | undefined;
}

/** Measures a dataset: whether order matters on samples, all other figures on all sessions. */
export async function inspectData(
  data: SessionDataset,
  { name, engine, limits, itemInfo }: InspectOptions,
): Promise<Inspection> {
  const { train, manifest, itemIds, support } = data;
  if (train.items.length === 0) throw new Error(`${name} expected training sessions, got none`);
  const split = data.test ? 'test' : 'validation';
  const held = data.test ?? data.validation;
  const clicked = support.filter((clicks) => clicks > 0);
  const unseen = unseenShare(manifest, split);
  const type = data.contextColumns?.findIndex(({ isType }) => isType);
  const found: Omit<Inspection, 'advice'> = {
    ...{ format: 'gru4rec-inspection', version: 1, data: name, items: itemIds.length },
    coldItems: support.length - clicked.length,
    splits: manifest.counts.splits,
    lengths: sessionLengths(train),
    concentration: concentration(clicked),
    repeats: repeats(train, type),
    time: eventsOverTime(train),
    lifetime: lifetimes(train, itemIds.length),
    ...(held && {
      heldOut: {
        split,
        ...(unseen === undefined ? {} : { unseen }),
        duplicates: duplicates(train, held),
        laterTraining: laterTraining(train, held),
        repeats: repeats(held, type),
      },
    }),
    ...(itemInfo && { columns: describeColumns(itemInfo, support, train) }),
    ...(data.contextColumns && { context: describeContext(data.contextColumns, train) }),
    ...(held && engine && { order: await orderFigures(data, held, { engine, limits }) }),
  };
  return { ...found, advice: adviceOn(found) };
}

/** Share of the events of a split that `prepare` removed because training lacks their items. */
function unseenShare({ preparation }: DatasetManifest, split: string): number | undefined {
  const { funnel } = (preparation ?? {}) as { funnel?: unknown };
  if (!Array.isArray(funnel)) return undefined;
  const row = funnel.find(
    (step) => step?.split === split && String(step?.step).startsWith('items unknown to training'),
  );
  const { events, removedEvents } = (row ?? {}) as { events?: unknown; removedEvents?: unknown };
  if (typeof events !== 'number' || typeof removedEvents !== 'number') return undefined;
  return removedEvents / (events + removedEvents) || 0;
}
