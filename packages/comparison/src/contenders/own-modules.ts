import { pathToFileURL } from 'node:url';
import { UsageError } from '@gru4rec/checks';
import type { SessionDataset } from '@gru4rec/dataset';
import { checkedMetric, isMetric, type Metric, type Scorer } from '@gru4rec/metrics';

export interface ModuleUse {
  /** The option that names the module, such as `--models`. */
  readonly option: string;
  readonly name: string;
  readonly expected: string;
}

/** Endings of modules. TypeScript needs a version of Node that runs it. */
const MODULE = /\.[cm]?[jt]s$/;

export function isModule(text: string): boolean {
  return MODULE.test(text);
}

/** Imports the default export of a module of the user. @throws UsageError naming the module. */
async function importDefault<Export>(
  path: string,
  { option, name, expected }: ModuleUse,
  fits: (value: unknown) => value is Export,
): Promise<Export> {
  const exported = await import(pathToFileURL(path).href).catch((cause) => {
    throw new UsageError(`${option} ${name} cannot be loaded`, { cause });
  });
  const value: unknown = exported.default;
  if (fits(value)) return value;
  const got = value === undefined ? 'none' : typeof value;
  throw new UsageError(`${option} ${name} expected ${expected}, got ${got}`);
}

/** Ranks with which the metrics of a module are tried, before the work. */
const TRIED = [1, 2, 20, 21, Number.POSITIVE_INFINITY];

/**
 * Loads the metric, or the list of metrics, that a module exports by default.
 * @param name - of the module, for messages.
 * @throws UsageError naming the module if it cannot be loaded or exports something else.
 */
export async function loadMetrics(path: string, name: string): Promise<Metric[]> {
  const expected =
    'a metric { label, of(ranks, cutoff) } or a list of them, with new labels, as default export';
  const found = await importDefault(path, { option: '--metrics', name, expected }, isMetrics);
  const own = [found].flat().map((metric) => namedMetric(metric, name));
  for (const metric of own) for (const rank of TRIED) metric.of([rank], 20);
  return own;
}

function isMetrics(value: unknown): value is Metric | Metric[] {
  return Array.isArray(value) ? value.length > 0 && value.every(isMetric) : isMetric(value);
}

function namedMetric(metric: Metric, name: string): Metric {
  const { label, of } = checkedMetric(metric);
  return {
    label,
    of(ranks, cutoff) {
      try {
        return of(ranks, cutoff);
      } catch (cause) {
        throw new Error(`--metrics ${name} failed`, { cause });
      }
    },
  };
}

/** What a recommender may learn from: a dataset without its test split. */
export type ScorerData = Pick<SessionDataset, 'itemIds' | 'support' | 'train' | 'validation'>;

/** Fits a recommender. `bytes` of the scorer is its memory in reports, 0 if not given. */
export type ScorerFactory = (data: ScorerData) => OwnScorer | Promise<OwnScorer>;

type OwnScorer = Scorer & { readonly bytes?: number };

/**
 * Loads the factory that a module exports by default.
 * @param name - of the module, for messages.
 * @throws UsageError naming the module if it has none.
 */
export async function loadScorerFactory(path: string, name: string): Promise<ScorerFactory> {
  const expected = 'a function of the dataset that returns a scorer, as default export';
  return importDefault(path, { option: '--models', name, expected }, isFactory);
}

function isFactory(value: unknown): value is ScorerFactory {
  return typeof value === 'function';
}

/** Makes a scorer whose errors name it, and which checks the number and the values of its scores. */
export async function makeScorer(
  create: ScorerFactory,
  { itemIds, support, train, validation }: ScorerData,
  name: string,
): Promise<OwnScorer> {
  const data = { itemIds, support, train, ...(validation && { validation }) };
  let scorer: OwnScorer;
  try {
    scorer = await create(data);
  } catch (cause) {
    throw failed(name, 'while it was fitted', cause);
  }
  if (typeof scorer?.open !== 'function' || scorer.itemCount !== itemIds.length) {
    throw new Error(
      `--models ${name} expected a scorer with "open" and "itemCount" ${itemIds.length}, the items of the dataset, ` +
        `got ${typeof scorer?.open === 'function' ? `itemCount ${scorer.itemCount}` : 'none'}`,
    );
  }
  return checkedScorer(scorer, name, itemIds);
}

function checkedScorer(scorer: OwnScorer, name: string, itemIds: ScorerData['itemIds']): OwnScorer {
  const { itemCount, bytes = 0 } = scorer;
  const attempt = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (cause) {
      throw failed(name, 'while it scored', cause);
    }
  };
  return {
    name,
    itemCount,
    bytes,
    open(slots) {
      const session = attempt(() => scorer.open(slots));
      return {
        step(input, resetMask) {
          const scores = attempt(() => session.step(input, resetMask));
          checkNumber(scores, slots * itemCount, name);
          for (const [slot, item] of input.entries()) {
            const wrong = item < 0 ? -1 : findNaN(scores, slot * itemCount, itemCount);
            if (wrong < 0) continue;
            const id = JSON.stringify(itemIds.at(wrong));
            throw new RangeError(`--models ${name} expected a number for each item, got NaN for item ${id}`);
          }
          return scores;
        },
        close: () => attempt(() => session.close?.()),
      };
    },
  };
}

function checkNumber(scores: unknown, expected: number, name: string): void {
  const floats = scores instanceof Float32Array || scores instanceof Float64Array;
  if (floats && scores.length === expected) return;
  throw new RangeError(
    `--models ${name} expected ${expected} scores in a Float32Array or Float64Array, one per slot and item, ` +
      `got ${floats ? scores.length : typeof scores}`,
  );
}

function findNaN(scores: Float32Array | Float64Array, start: number, items: number): number {
  for (let item = 0; item < items; item++) if (Number.isNaN(scores[start + item])) return item;
  return -1;
}

function failed(name: string, when: string, cause: unknown): Error {
  return new Error(`--models ${name} failed ${when}`, { cause });
}
