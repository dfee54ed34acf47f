import {
  type BaselineName,
  type BaselineOptions,
  baselineNames,
  baselineTitle,
  createBaseline,
  isSeeded,
} from '@gru4rec/baselines';
import { flawText, type OptionError, UsageError } from '@gru4rec/checks';
import { type FitContext, type Fitted, type Kind, MIB, type Named, timed } from './kind.ts';

export interface BaselineContender extends Named<'baseline'> {
  readonly name: BaselineName;
  readonly options: BaselineOptions;
}

export const baseline: Kind<BaselineContender> = {
  parse(text) {
    const [name, ...rest] = text.split(':');
    const known = baselineNames.find((other) => other === name);
    return known && { kind: 'baseline', text, name: known, options: parseOptions(rest.join(':'), text) };
  },
  title({ text, name }) {
    const [, ...options] = text.split(':');
    const title = baselineTitle(name);
    return options.length === 0 ? title : `${title} (${options.join(':')})`;
  },
  isSeeded: ({ name }) => isSeeded(name),
  check({ name, options, text }) {
    try {
      createBaseline(name, two, options);
    } catch (error) {
      const { flaw, message } = error as Error & Partial<OptionError>;
      throw new UsageError(`--models ${text}: ${flaw ? flawText(flaw) : message}`);
    }
  },
  fit: fitBaseline,
};

export async function fitBaseline(
  { name, options }: Pick<BaselineContender, 'name' | 'options'>,
  { dataset, seed }: Pick<FitContext, 'dataset' | 'seed'>,
): Promise<Fitted> {
  const seeded = isSeeded(name) && seed !== undefined ? { seed } : {};
  const [scorer, fitSeconds] = await timed(() => createBaseline(name, dataset, { ...options, ...seeded }));
  return {
    scorer,
    recommender: scorer,
    options,
    fitSeconds,
    memoryMiB: scorer.bytes / MIB,
    index: scorer.index,
    history: [],
    tunedOn: [],
  };
}

/** Two sessions to check options with, instead of the dataset. */
const two = {
  support: [2, 2],
  train: {
    sessionOffsets: Int32Array.of(0, 2, 4),
    items: Int32Array.of(0, 1, 0, 1),
    sessionStartTimes: Float64Array.of(0, 1000),
  },
};

function parseOptions(text: string, whole: string): BaselineOptions {
  if (text === '') return {};
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text) as BaselineOptions;
    } catch (cause) {
      throw new UsageError(`--models expected options as JSON, got ${JSON.stringify(whole)}`, { cause });
    }
  }
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [key, ...values] = pair.split('=');
      if (!key || values.length === 0) {
        throw new UsageError(
          `--models expected options as key=value,key=value, got ${JSON.stringify(whole)}`,
        );
      }
      return [key, parseValue(values.join('='))];
    }),
  );
}

/** Parses a JSON value or Infinity; other texts become strings. */
function parseValue(text: string): unknown {
  if (text === 'Infinity') return Number.POSITIVE_INFINITY;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
