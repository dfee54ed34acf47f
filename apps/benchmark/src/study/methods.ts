import { type BaselineName, baselineNames, baselineTitle } from '@gru4rec/baselines';
import type { ModelConfigInput } from '@gru4rec/model';
import type { JsonObject, Space } from '@gru4rec/tuning';
import { baselineSpaces, defaultConfig, modelSpace, repeatSpace, studiedLosses } from './spaces.ts';

interface CommonMethod {
  /** In file names. */
  readonly id: string;
  /** In tables. */
  readonly title: string;
  /** Options before tuning. */
  readonly defaults: JsonObject;
  /** Undefined if it has nothing to tune. */
  readonly space: Space | undefined;
  /** Whether it is fitted once per seed. */
  readonly seeded: boolean;
}

/** A baseline of the study. */
export interface BaselineMethod extends CommonMethod {
  readonly family: 'baseline';
  readonly name: BaselineName;
}

/** A GRU4Rec of the study. */
export interface ModelMethod extends CommonMethod {
  readonly family: 'gru4rec';
}

/** A method of the study that is tuned and fitted by itself. */
export type Method = BaselineMethod | ModelMethod;

const baselines: readonly BaselineMethod[] = baselineNames.map((name) => ({
  family: 'baseline',
  id: name,
  title: baselineTitle(name),
  name,
  defaults: {},
  space: baselineSpaces[name],
  // BPR-MF has a seed too, but takes most of the time and is far from the best.
  seeded: false,
}));

function modelMethod(id: string, title: string, defaults: ModelConfigInput, space: Space): ModelMethod {
  return { family: 'gru4rec', id, title, defaults: defaults as JsonObject, space, seeded: true };
}

/** Each loss without and with a learnt bias of the session's own items. */
const models: readonly ModelMethod[] = studiedLosses.flatMap((loss) => {
  const [defaults, space] = [defaultConfig(loss), modelSpace(loss)];
  const plain = modelMethod(`gru4rec-${loss}`, `GRU4Rec ${loss}`, defaults, space);
  const biased: ModelConfigInput = { ...defaults, repeatBias: 'constant' };
  const repeats = { ...space, ...repeatSpace };
  return [plain, modelMethod(`gru4rec-${loss}-repeats`, `GRU4Rec ${loss}, repeat bias`, biased, repeats)];
});

/** All methods of the study but the mix, in the order of the table. */
export const methods: readonly Method[] = [...baselines, ...models];
