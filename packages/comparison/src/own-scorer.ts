import type { Scorer } from '@gru4rec/metrics';
import type { SessionDataset } from '@gru4rec/sessions';
import { importDefault } from './import-default.ts';

/** What a recommender may learn from: a dataset without its test split. */
export type ScorerData = Pick<SessionDataset, 'itemIds' | 'support' | 'train' | 'validation'>;

/** Fits a recommender. `bytes` of the scorer is its memory in reports, 0 if not given. */
export type ScorerFactory = (data: ScorerData) => OwnScorer | Promise<OwnScorer>;

type OwnScorer = Scorer & { readonly bytes?: number };

/**
 * Loads the factory that a module exports by default.
 *
 * @param path - absolute.
 * @param name - of the module, for messages.
 * @throws UsageError naming the module if it cannot be loaded, or its default export is no function.
 */
export async function loadScorerFactory(path: string, name: string): Promise<ScorerFactory> {
  const expected = 'a function of the dataset that returns a scorer, as default export';
  return importDefault(path, { option: '--models', name, expected }, isFactory);
}

function isFactory(value: unknown): value is ScorerFactory {
  return typeof value === 'function';
}

/**
 * Makes a scorer whose errors name it, and which checks the number and the values of its scores.
 *
 * @param name - of the scorer, for messages.
 * @throws Error if the factory throws, or its result is no scorer of the items of the dataset.
 */
export async function makeScorer(
  create: ScorerFactory,
  { itemIds, support, train, validation }: ScorerData,
  name: string,
): Promise<OwnScorer> {
  const data = { itemIds, support, train, ...(validation && { validation }) };
  const scorer = await attempt(name, 'while it was fitted', async () => await create(data));
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
  return {
    ...{ name, itemCount, bytes },
    open(slots) {
      const session = attemptNow(name, () => scorer.open(slots));
      return {
        step(input, resetMask) {
          const scores = attemptNow(name, () => session.step(input, resetMask));
          checkNumber(scores, slots * itemCount, name);
          for (const [slot, item] of input.entries()) {
            const wrong = item < 0 ? -1 : findNaN(scores, slot * itemCount, itemCount);
            if (wrong < 0) continue;
            const id = JSON.stringify(itemIds.at(wrong));
            throw new RangeError(`--models ${name} expected a number for each item, got NaN for item ${id}`);
          }
          return scores;
        },
        close: () => attemptNow(name, () => session.close?.()),
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

/** Index of the first NaN in a row; −1 if there is none. */
function findNaN(scores: Float32Array | Float64Array, start: number, items: number): number {
  for (let item = 0; item < items; item++) if (Number.isNaN(scores[start + item])) return item;
  return -1;
}

function attemptNow<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw failed(name, 'while it scored', cause);
  }
}

async function attempt<Result>(name: string, when: string, work: () => Promise<Result>): Promise<Result> {
  return work().catch((cause) => {
    throw failed(name, when, cause);
  });
}

function failed(name: string, when: string, cause: unknown): Error {
  return new Error(`--models ${name} failed ${when}`, { cause });
}
