import { type Choice, conditionalLogit, minimize, type Penalty, type SessionArrays } from '@gru4rec/metrics';
import type { FloatArray } from '@gru4rec/program';
import type { ModelConfig, StepConfig } from '../model-config.ts';
import type { ScoringOptions } from '../scoring.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import { type StoredTensor, valuesOf, withValues } from '../storage/tensors.ts';
import { deviations, type FitOptions, scoredClicks, scoringOf } from '../training/fitting.ts';
import type { PartFeatures, SparsePart } from './part.ts';
import {
  countedNames,
  historyLength,
  isPartTable,
  type SparsePartName,
  sparsePartsOf,
  weightsName,
} from './registry.ts';

export interface PartClick extends Choice {
  /** [N] scores of the network. */
  readonly scores: Float64Array;
}

interface FittedPart {
  readonly name: SparsePartName;
  readonly part: SparsePart;
  /** Its unknowns: of places from `start`, of features from `features`, of features that multiply scores from `scaled` to `end`. */
  readonly start: number;
  readonly features: number;
  readonly scaled: number;
  readonly end: number;
}

/** The unknowns of a fit are the weights of each part in turn, then τ. */
function fittedParts(config: StepConfig): FittedPart[] {
  let end = 0;
  return sparsePartsOf(config).map(([name, part]) => {
    const { places, plain, scaled } = part.widths(config);
    const start = end;
    end += places + plain + scaled;
    return { name, part, start, features: start + places, scaled: end - scaled, end };
  });
}

/** Items with the greatest scores of the network that compete with those of the parts, as many as a list has. */
const LISTED = 20;

/**
 * Scores held-out clicks by the network. Clicks of items that no part could recommend are left out.
 * @param heldOut - which clicks of the sessions are held out.
 */
export async function collectPartClicks(
  scoring: Omit<ScoringOptions, 'slots' | 'parts'>,
  sessions: SessionArrays,
  tensors: readonly StoredTensor[],
  heldOut: 'all' | 'last' = 'all',
): Promise<PartClick[]> {
  const { config, itemCount } = scoring;
  const all = fittedParts(config);
  const tau = all.at(-1)?.end ?? 0;
  const open = all.flatMap((fitted) => {
    const opened = fitted.part.open(config, tensors, itemCount);
    return opened ? [{ ...fitted, opened }] : [];
  });
  const ends = new Set(sessions.sessionOffsets);
  const clicks: PartClick[] = [];
  for await (const click of scoredClicks(scoring, sessions, historyLength(config))) {
    if (heldOut === 'last' && !ends.has(click.place + 2)) continue;
    const read = open.map((one) => ({ ...one, rows: rowsOf(one.opened, click) }));
    const inSession = new Set<number>();
    const others: number[] = [];
    for (const { part, rows, opened } of read) {
      if (part.rivals === Number.POSITIVE_INFINITY) for (const item of rows.keys()) inSession.add(item);
      else others.push(...nearest(rows, opened, part.rivals));
    }
    const best = greatest(click.scores, LISTED, (item) => !inSession.has(item));
    const items = [...new Set([...inSession, ...best, ...others])];
    const chosen = items.indexOf(click.target);
    if (chosen < 0) continue;
    const rowEnds: number[] = [];
    const columns: number[] = [];
    const values: number[] = [];
    for (const item of items) {
      const score = click.scores[item];
      for (const { start, features, scaled, end, rows, opened } of read) {
        const row = rows.get(item);
        if (row === undefined) continue;
        if (opened.places) {
          columns.push(start + opened.places[row]);
          values.push(1);
        }
        for (let column = features; column < end; column++) {
          const feature = opened.features[row * (end - features) + column - features];
          columns.push(column);
          values.push(column < scaled ? feature : feature * score);
        }
      }
      columns.push(tau);
      values.push(score);
      rowEnds.push(columns.length);
    }
    clicks.push({
      ends: Int32Array.from(rowEnds),
      columns: Uint16Array.from(columns),
      values: Float64Array.from(values),
      chosen,
      scores: Float64Array.from(items, (item) => click.scores[item]),
    });
  }
  return clicks;
}

function rowsOf(
  features: PartFeatures,
  { history: items, counts }: { readonly history: Int32Array; readonly counts: Int32Array },
): Map<number, number> {
  const count = features.read({ items, counts });
  return new Map(Array.from(features.items.subarray(0, count), (item, row) => [item, row]));
}

/** The items with the greatest first feature. */
function nearest(rows: Map<number, number>, { features, length }: PartFeatures, count: number): number[] {
  const items = [...rows.keys()];
  const width = features.length / length;
  const values = Float64Array.from(rows.values(), (row) => features[row * width]);
  return greatest(values, count, () => true).map((at) => items[at]);
}

function greatest(values: FloatArray, count: number, counts: (at: number) => boolean): number[] {
  const best: number[] = [];
  let least = 0;
  for (let at = 0; at < values.length; at++) {
    if (best.length === count && values[at] <= values[best[least]]) continue;
    if (!counts(at)) continue;
    if (best.length < count) best.push(at);
    else best[least] = at;
    if (best.length < count) continue;
    least = 0;
    for (let i = 1; i < count; i++) if (values[best[i]] < values[best[least]]) least = i;
  }
  return best;
}

/** λ, in clicks: pulls every weight towards 0, so that a feature of few clicks stays there. */
const RIDGE = 1;
/** μ, in clicks: pulls the weights of places towards their neighbours. */
const SMOOTHING = 20;
/** Smallest τ, in units of its first value: scores that order the clicked items less only break ties. */
const LEAST_TAU = 0.01;
/** A λ that leaves an unknown where it is. */
const FIXED = 1e9;

/**
 * λ/2 |x|² without τ + μ/2 Σ (x_{k+1} − x_k)² over the places of each part
 *
 * @param first - [n] where the fit starts: zeros, then τ.
 */
function penaltyOf(
  parts: readonly FittedPart[],
  first: Float64Array,
  isFixed: (unknown: number) => boolean,
): Penalty {
  return (x, gradient, hessian) => {
    let value = 0;
    const add = (k: number, l: number, weight: number, at = x[l]): void => {
      gradient[k] += weight * at;
      hessian[k * x.length + l] += weight;
    };
    for (let k = 0; k < x.length; k++) {
      const ridge = isFixed(k) ? FIXED : k === x.length - 1 ? 0 : RIDGE;
      value += (ridge / 2) * (x[k] - first[k]) ** 2;
      add(k, k, ridge, x[k] - first[k]);
    }
    for (const { start, features } of parts) {
      for (let k = start + 1; k < features; k++) {
        value += (SMOOTHING / 2) * (x[k] - x[k - 1]) ** 2;
        add(k, k, SMOOTHING);
        add(k - 1, k - 1, SMOOTHING);
        add(k, k - 1, -SMOOTHING);
        add(k - 1, k, -SMOOTHING);
      }
    }
    return value;
  };
}

/**
 * Fits the weights of all sparse parts at once, by Newton's method:
 *
 * L = Σ_clicks [ log Σ_{i∈S} exp(z_i) − z_t ] + penalty, z_i = τ·s_i + f_i · x
 *
 * S are the items of the session, the best others and the nearest of each part, t the clicked item, s the scores of the network.
 * τ makes logits of scores, which BPR-max leaves at any scale. L is convex: the log-likelihood of a linear model, given t ∈ S.
 * Scores that say nothing of what is clicked get the smallest τ, so that parts still have their weight.
 * @returns weights x / τ by the names of their tensors; zeros without clicks, or where all scores are equal.
 */
export function fitParts(clicks: readonly PartClick[], config: StepConfig): Record<string, Float32Array> {
  const parts = fittedParts(config);
  const tau = parts.at(-1)?.end ?? 0;
  const { count, squares } = deviations(clicks.map(({ scores }) => scores));
  const unit = squares > 0 ? Math.sqrt(count / squares) : 0;
  const fit = (isFixed: (unknown: number) => boolean, firstTau = unit): Float64Array => {
    const first = new Float64Array(tau + 1);
    first[tau] = firstTau;
    if (unit === 0) return first;
    const penalty = penaltyOf(parts, first, isFixed);
    return minimize(
      (at) => conditionalLogit(clicks, at, penalty),
      first,
      (at) => at[tau] > 0,
    );
  };
  let fitted = fit(() => false);
  const lowers = parts.filter(
    ({ part, start, end }) => part.raises && fitted.subarray(start, end).some((w) => w < 0),
  );
  const isLowering = (k: number): boolean => lowers.some(({ start, end }) => k >= start && k < end);
  if (lowers.length > 0) fitted = fit(isLowering);
  const least = LEAST_TAU * unit;
  // The scores of a few clicks may order only the items of their sessions.
  const isScaled = (k: number): boolean =>
    isLowering(k) || parts.some(({ scaled, end }) => k >= scaled && k < end);
  if (fitted[tau] < least) fitted = fit(isScaled);
  if (fitted[tau] < least) fitted = fit((k) => isScaled(k) || k === tau, least);
  const scale = unit === 0 ? 0 : 1 / fitted[tau];
  return Object.fromEntries(
    parts.map(({ name, part, start, end }) => {
      const weights = fitted.subarray(start, end).map((weight) => scale * weight);
      return [
        weightsName(name),
        Float32Array.from(part.raises ? weights.map((w) => Math.max(0, w)) : weights),
      ];
    }),
  );
}

/** Fits the weights of sparse parts to held-out clicks, if there are any. */
export async function withFittedParts(model: StoredModel, options: FitOptions): Promise<StoredModel> {
  const { config, tensors } = model;
  const { few, ended } = options;
  const sessions = ended ?? few;
  const parts = sparsePartsOf(config).map(([, part]) => part);
  if (parts.length === 0 || !sessions) return model;
  const tables = await countTables(parts, options);
  const scoring = scoringOf(model, options);
  const weights = fitParts(
    await collectPartClicks(scoring, sessions, tables, ended ? 'last' : 'all'),
    config,
  );
  const fitted = withValues(
    tensors.filter((tensor) => !isPartTable(tensor)),
    weights,
  );
  const used = partsInUse(config, fitted).flatMap(countedNames);
  return { ...model, tensors: [...fitted, ...tables.filter(({ name }) => used.includes(name))] };
}

/** Adds tables counted over all sessions. Those of a fit stay: it counted all sessions if none were held out. */
export async function withTables(
  config: ModelConfig,
  tensors: readonly StoredTensor[],
  options: Pick<FitOptions, 'data' | 'from'>,
): Promise<readonly StoredTensor[]> {
  if (tensors.some(isPartTable)) return tensors;
  return [...tensors, ...(await countTables(partsInUse(config, tensors), options))];
}

function partsInUse(config: ModelConfig, tensors: readonly StoredTensor[]): SparsePart[] {
  return sparsePartsOf(config)
    .filter(([name]) => valuesOf(tensors, weightsName(name)).some((weight) => weight !== 0))
    .map(([, part]) => part);
}

async function countTables(
  parts: readonly SparsePart[],
  { data, from }: Pick<FitOptions, 'data' | 'from'>,
): Promise<StoredTensor[]> {
  const counted: StoredTensor[] = [];
  for (const { tables } of parts) if (tables) counted.push(...(await tables.count(data, from?.tensors)));
  return counted;
}
