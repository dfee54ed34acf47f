import type { Engine } from '@gru4rec/program';
import type { DatasetManifest, SessionDataset } from '@gru4rec/sessions';
import { adviceOn } from './advice.ts';
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
import { type OrderLimits, orderFigures } from './order.ts';

/** How to inspect. */
export interface InspectOptions {
  /** Name of the dataset in the report. */
  readonly name: string;
  /** Of the GRU; not given: whether order matters is not measured. */
  readonly engine: Engine | undefined;
  readonly limits: OrderLimits;
}

/** Measures a dataset: everything on all sessions, except whether order matters. */
export async function inspectData(
  data: SessionDataset,
  { name, engine, limits }: InspectOptions,
): Promise<Inspection> {
  const { train, manifest, itemIds, support } = data;
  const split = data.test ? 'test' : 'validation';
  const held = data.test ?? data.validation;
  const unseen = unseenShare(manifest, split);
  const found: Omit<Inspection, 'advice'> = {
    ...{ format: 'gru4rec-inspection', version: 1, data: name, items: itemIds.length },
    splits: manifest.counts.splits,
    lengths: sessionLengths(train),
    concentration: concentration(support),
    repeats: repeats(train),
    time: eventsOverTime(train),
    lifetime: lifetimes(train, itemIds.length),
    ...(held && {
      heldOut: {
        split,
        ...(unseen === undefined ? {} : { unseen }),
        duplicates: duplicates(train, held),
        laterTraining: laterTraining(train, held),
        repeats: repeats(held),
      },
    }),
    ...(held && engine && { order: await orderFigures(data, held, { engine, limits }) }),
  };
  return { ...found, advice: adviceOn(found) };
}

/** Share of the events of a split that `prepare` removed because training lacks their items. */
function unseenShare({ preparation }: DatasetManifest, split: string): number | undefined {
  const { funnel } = (preparation ?? {}) as { funnel?: unknown };
  if (!Array.isArray(funnel)) return undefined;
  const row = funnel.find((step) => step?.split === split && step?.step === 'items unknown to training');
  const { events, removedEvents } = (row ?? {}) as { events?: unknown; removedEvents?: unknown };
  if (typeof events !== 'number' || typeof removedEvents !== 'number') return undefined;
  return removedEvents / (events + removedEvents) || 0;
}
