import type { SessionArrays } from '@gru4rec/batcher';
import { topItems } from '@gru4rec/metrics';
import type { FloatArray } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { firstAbove } from '../live/probing.ts';
import { itemTables } from '../programs/forward.ts';
import { COLD_OFFSET, ownTable } from '../programs/item-features.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import { type StoredTensor, valuesOf, withValues } from '../storage/tensors.ts';
import { type FitOptions, scoredClicks, scoringOf } from './fitting.ts';
import type { PreparedData } from './training-data.ts';

/** Length of the lists whose recall chooses the offset. */
const LISTED = 20;
const HIDDEN_SHARE = 0.05;

/** Applies `coldItemOffset` to the items without clicks; `auto` is fitted to held-out sessions, if there are any. */
export async function withColdOffset(model: StoredModel, options: FitOptions): Promise<StoredModel> {
  const { config, tensors } = model;
  const { data, few } = options;
  if (!data.features) return model;
  const before = Number(valuesOf(tensors, COLD_OFFSET)[0]);
  const chosen = config.coldItemOffset;
  const offset = chosen === 'auto' ? few && (await fitted(model, options, few)) : chosen;
  if (offset === undefined) return model;
  const by = Float32Array.from(valuesOf(tensors, 'by'));
  for (const item of data.untrained ?? []) by[item] = by[item] + offset - before;
  return { ...model, tensors: withValues(tensors, { by, [COLD_OFFSET]: Float32Array.of(offset) }) };
}

async function fitted(model: StoredModel, options: FitOptions, sessions: SessionArrays): Promise<number> {
  const { config, itemIds, tensors } = model;
  const { features, untrained } = options.data;
  const skipped = new Set(untrained);
  const described = Array.from({ length: itemIds.length }, (_, item) => item).filter(
    (item) => !skipped.has(item) && isDescribed(item, features),
  );
  const hidden = hiddenItems(described, config.seed);
  const hiding = withoutOwnRows(tensors, itemTables(config), hidden);
  const scoring = scoringOf({ ...model, tensors: hiding }, options);
  const found: OffsetClick[] = [];
  for await (const { scores, target } of scoredClicks(scoring, sessions)) {
    if (!skipped.has(target)) found.push(offsetOf(scores, target, hidden, skipped));
  }
  return fitColdOffset(found, config.coldItemLoss);
}

function isDescribed(item: number, features: PreparedData['features']): boolean {
  if (!features) return false;
  const { perItem, table, width = 0, vectors } = features;
  if (perItem > 0 && table[item * perItem] >= 0) return true;
  return vectors?.subarray(item * width, (item + 1) * width).some((number) => number !== 0) ?? false;
}

function withoutOwnRows(
  tensors: readonly StoredTensor[],
  tables: Readonly<Record<string, number>>,
  hidden: ReadonlySet<number>,
): StoredTensor[] {
  return tensors.map((tensor) => {
    const cols = tables[tensor.name];
    if (cols === undefined) return tensor;
    const own = valuesOf(tensors, ownTable(tensor.name));
    const values = tensor.values.slice();
    for (const item of hidden) {
      for (let at = item * cols; at < (item + 1) * cols; at++) values[at] = values[at] - own[at];
    }
    return { ...tensor, values };
  });
}

function hiddenItems(items: readonly number[], seed: number): ReadonlySet<number> {
  const random = new RandomStream(seed, 'model.coldOffset');
  return new Set(items.filter(() => random.nextFloat() < HIDDEN_SHARE));
}

/** The offset of its score at which a held-out click of a hidden item enters its list of 20, or another one leaves it. */
interface OffsetClick {
  readonly hidden: boolean;
  /** −Infinity: a hidden item that is always in the list; Infinity: never; for others the reverse. */
  readonly offset: number;
}

function offsetOf(
  scores: FloatArray,
  target: number,
  hidden: ReadonlySet<number>,
  skipped: ReadonlySet<number>,
): OffsetClick {
  const isHidden = hidden.has(target);
  const score = scores[target];
  let better = 0;
  for (let item = 0; item < scores.length; item++) {
    if (item === target || skipped.has(item) || hidden.has(item) !== isHidden) continue;
    if (scores[item] >= score) better++;
  }
  if (better >= LISTED) return { hidden: isHidden, offset: isHidden ? Infinity : -Infinity };
  const others = topItems(scores, LISTED, {
    has: (item) => skipped.has(item) || hidden.has(item) === isHidden,
  });
  // The item of the other kind that would be the last one before the target.
  const last = Number(scores[others[LISTED - better - 1] ?? -1] ?? -Infinity);
  return { hidden: isHidden, offset: isHidden ? last - score : score - last };
}

/** The offset at which hidden items are found as often as others, which lose at most `mostLoss` of their recall. */
function fitColdOffset(clicks: readonly OffsetClick[], mostLoss: number): number {
  const offsets = (hidden: boolean) =>
    Float64Array.from(clicks.filter((click) => click.hidden === hidden).map(({ offset }) => offset)).sort();
  const [entered, left] = [offsets(true), offsets(false)];
  if (entered.length === 0 || left.length === 0) return 0;
  const mostKept = countAbove(left, Number.NEGATIVE_INFINITY);
  let best = 0;
  for (const offset of Float64Array.of(...entered, ...left).sort()) {
    if (!Number.isFinite(offset)) continue;
    const kept = countAbove(left, offset);
    if (kept < (1 - mostLoss) * mostKept) break;
    best = offset;
    const isListed = entered.length - countAbove(entered, offset);
    if (isListed / entered.length >= kept / left.length) break;
  }
  return best;
}

function countAbove(sorted: Float64Array, limit: number): number {
  return sorted.length - firstAbove(sorted, limit);
}
