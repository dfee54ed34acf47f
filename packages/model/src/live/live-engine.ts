import { SessionHistory } from '@gru4rec/batcher';
import type { ItemVectors, Scores } from '@gru4rec/metrics';
import { groupingOf, type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { StepConfig } from '../model-config.ts';
import { freshVariables, isFresh } from '../parts/freshness.ts';
import { historyLength } from '../parts/registry.ts';
import { SessionParts } from '../parts/session-parts.ts';
import {
  buildAdvanceProgram,
  buildScoreAllProgram,
  buildScoreItemsProgram,
  buildTopProgram,
  type EventInputs,
  type InferenceOptions,
} from '../programs/build-inference-programs.ts';
import type { ClickShape } from '../programs/click-features.ts';
import { scoresAreLinear, stateVariables } from '../programs/forward.ts';
import { SessionStates } from '../programs/session-states.ts';
import { changeInputs, writeTensors } from '../scoring.ts';
import { type StoredTensor, valuesOf } from '../storage/tensors.ts';
import { hasBit } from './allowed-items.ts';

/** Items that one run scores: of a list of recommendations, and of many candidates, which may take several runs. */
const [FEW_ITEMS, MANY_ITEMS] = [64, 160];

/** The best items of a session. */
export interface BestItems {
  /** Best first; equal scores by item index. */
  readonly items: Int32Array;
  readonly scores: Float64Array;
}

export interface LiveEngineOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  readonly clicks?: ClickShape | undefined;
  readonly tensors?: readonly StoredTensor[];
  readonly load: (programs: readonly Program[]) => Runtime;
}

type Values = Pick<LiveEngineOptions, 'itemCount' | 'tensors'>;

/** Bias of spare rows, so that their scores are the least. */
const NO_ITEM = -1e30;

/** Rows of item tables that leave room for items to come: an eighth of the items, at least 256. */
export function rowsWithRoom(items: number): number {
  return items + Math.max(256, Math.ceil(items / 8));
}

/** The programs of live sessions, by item index. Callers keep the states. */
export interface LivePrograms {
  readonly stateLength: number;
  /** Vectors of the items that are close where the items are alike; undefined if it has none, as baselines. */
  readonly vectors?: ItemVectors | undefined;
  /** Allows up to `slots` events per call of `advance`. @param itemsToCome - whether to leave room for items of later versions. */
  reserve(slots: number, itemsToCome?: boolean): void;
  /** Takes one more event in each of at most as many sessions as were reserved, no session twice. */
  advance(events: readonly LiveEvent[]): void;
  /** Scores [I] of all items for one session, where `best` lists too few; a view valid until the next call. */
  scoreAll(state: Float32Array): Scores;
  /** The best items per session, `count` at least; undefined if no program lists that many: use `scoreAll`. */
  best(states: readonly Float32Array[], count: number): BestItems[] | undefined;
  /**
   * The best items of `allowed` for one session, `count` at least, or all of them; undefined as of `best`. Without it, use
   * `scoreAll`.
   * @param allowed - [⌈I / 32⌉] bits of items, as those of `AllowedItems`.
   */
  bestAllowed?(state: Float32Array, count: number, allowed: Int32Array): BestItems | undefined;
  /** Scores of some items for one session (fresh). */
  scoreItems(state: Float32Array, items: Int32Array): Float64Array;
}

/** One runtime for all live sessions of a model. */
export class LiveEngine implements LivePrograms {
  readonly stateLength: number;
  readonly #options: LiveEngineOptions;
  readonly #output: { start: number; end: number };
  readonly #history: StateHistory;
  #values: Values;
  #parts: SessionParts | undefined;
  #rows: number;
  #mostSlots = 1;
  #loaded: Loaded | undefined;
  #bias: Float32Array | undefined;
  #grouped: { readonly hidden: Float32Array; share: number } | undefined;

  constructor(options: LiveEngineOptions) {
    const { config } = options;
    const states = stateVariables(config, '');
    this.#options = options;
    this.#values = options;
    this.#parts = SessionParts.open(config, options.tensors ?? [], options.itemCount);
    this.#rows = options.itemCount;
    const length = states.reduce((sum, { units }) => sum + units, 0);
    this.#history = new StateHistory(length, historyLength(config));
    this.stateLength = length + this.#history.words;
    const units = config.layers.at(-1) ?? 0;
    const start = length - units * (states.length / config.layers.length);
    this.#output = { start, end: start + units };
  }

  /** The output rows. */
  get vectors(): ItemVectors {
    const { start, end } = this.#output;
    return { values: valuesOf(this.#values.tensors ?? [], 'Wy'), width: end - start };
  }

  /** @returns false if the loaded programs have no room for these values, which then are not taken. */
  use(values: Values): boolean {
    const parts = SessionParts.open(this.#options.config, values.tensors ?? [], values.itemCount);
    if (values.itemCount > this.#rows || parts?.length !== this.#parts?.length) return false;
    this.#values = values;
    this.#parts = parts;
    if (this.#loaded) this.#write(this.#loaded.runtime);
    return true;
  }

  reserve(slots: number, itemsToCome = false): void {
    const { itemCount } = this.#values;
    const lacksRoom = itemsToCome && this.#rows === itemCount && !isFresh(this.#options.config);
    if (slots <= this.#mostSlots && !lacksRoom) return;
    if (lacksRoom) this.#rows = rowsWithRoom(itemCount);
    this.#mostSlots = Math.max(slots, this.#mostSlots);
    this.dispose();
  }

  advance(events: readonly LiveEvent[]): void {
    const { runtime, steps } = this.#load();
    // Every slot costs the same, idle or not (3 µs with 100 units), hence the smallest program that holds all events.
    steps.find(({ slots }) => slots >= events.length)?.run(runtime, events);
    for (const { state, item } of events) this.#history.add(state, item);
  }

  scoreAll(state: Float32Array): Scores {
    const { runtime, scoreAll } = this.#load();
    const hidden = this.#hidden(state);
    const changes = this.#parts && changeInputs(this.#history.of(state), this.#parts);
    const { scores } = runProgram(runtime, scoreAll, changes ? { hidden, ...changes } : { hidden });
    return scores.subarray(0, this.#values.itemCount);
  }

  best(states: readonly Float32Array[], count: number): BestItems[] | undefined {
    const { runtime, tops } = this.#load();
    const { config } = this.#options;
    const { itemCount } = this.#values;
    const most = scoresAreLinear(config) ? this.#mostSlots : 1;
    const lists: BestItems[] = [];
    for (let start = 0; start < states.length; start += most) {
      const some = states.slice(start, start + most);
      // Sparse parts may move each item of a history out of its list.
      const listed = count + Math.max(...some.map((state) => this.#history.countOf(state)));
      const step = tops.find(({ slots, k }) => slots >= some.length && k >= Math.min(listed, itemCount));
      if (!step) return undefined;
      const hidden = some.map((state) => this.#hidden(state));
      for (const [at, list] of step.run(runtime, hidden).entries()) {
        const known = firstOf(list, itemCount);
        lists.push(this.#scored(some[at], known, { isAll: known.items.length === itemCount }));
      }
    }
    return lists;
  }

  bestAllowed(state: Float32Array, count: number, allowed: Int32Array): BestItems | undefined {
    const { runtime, topsOfSome } = this.#load();
    const { itemCount } = this.#values;
    const listed = Math.min(count + this.#history.countOf(state), itemCount);
    const step = topsOfSome.find(({ k }) => k >= listed);
    if (!step) return undefined;
    const known = firstOf(step.run(runtime, [this.#hidden(state)], allowed)[0], itemCount);
    return this.#scored(state, known, { isAll: known.items.length < step.k, allowed });
  }

  /** @param isAll - whether the list has all items, or all that are allowed. */
  #scored(
    state: Float32Array,
    { items: listed, scores: networkScores }: TopList,
    { isAll, allowed }: { readonly isAll: boolean; readonly allowed?: Int32Array },
  ): BestItems {
    const parts = this.#parts;
    const changed = parts?.items.subarray(0, parts.read(this.#history.of(state)));
    if (!parts || !changed?.length) {
      return { items: listed.slice(), scores: networkScores ?? this.#scoreItems(state, listed) };
    }
    const items = new Int32Array(listed.length + changed.length + 1);
    items.set(listed);
    let all = listed.length;
    const isListed = new Uint8Array(changed.length);
    for (const item of listed) if (parts.placeOf(item) >= 0) isListed[parts.placeOf(item)] = 1;
    for (const [place, item] of changed.entries())
      if (isListed[place] === 0 && (!allowed || hasBit(allowed, item))) items[all++] = item;
    // An unlisted item has at most the score that the network gives the last listed one.
    const last = listed.at(-1) ?? -1;
    items[all] = last;
    const scores = this.#scoreItems(state, items.subarray(0, all + 1), all);
    const bound = isAll ? Number.NEGATIVE_INFINITY : scores[all];
    let length = 0;
    for (let from = 0; from < all; from++) {
      const [item, score] = [items[from], scores[from]];
      if (score < bound || (score === bound && item > last)) continue;
      let to = length;
      for (; to > 0; to--) {
        const before = scores[to - 1];
        if (before > score || (before === score && items[to - 1] < item)) break;
        scores[to] = before;
        items[to] = items[to - 1];
      }
      items[to] = item;
      scores[to] = score;
      length = Math.min(length + 1, isAll ? all : listed.length);
    }
    return { items: items.subarray(0, length), scores: scores.subarray(0, length) };
  }

  scoreItems(state: Float32Array, items: Int32Array): Float64Array {
    this.#parts?.read(this.#history.of(state));
    return this.#scoreItems(state, items);
  }

  /** After `read` of the state's history. @param changed - how many items get what parts change; all if not given. */
  #scoreItems(state: Float32Array, items: Int32Array, changed = items.length): Float64Array {
    const { runtime, scoreItems } = this.#load();
    const [few, many] = scoreItems;
    const step = items.length > few.items.length ? many : few;
    const parts = this.#parts;
    const { program, scale, added } = step;
    const plain = { hidden: this.#hidden(state), items: step.items };
    const inputs = parts ? { ...plain, scale, added } : plain;
    const scores = new Float64Array(items.length);
    for (let start = 0; start < items.length; start += step.items.length) {
      const batch = items.subarray(start, start + step.items.length);
      step.items.fill(-1).set(batch);
      for (let at = 0; parts && at < batch.length; at++) {
        const place = start + at < changed ? parts.placeOf(batch[at]) : -1;
        scale[at] = place < 0 ? 1 : parts.scale[place];
        added[at] = place < 0 ? 0 : parts.added[place];
      }
      const { scores: ofBatch } = runProgram(runtime, program, inputs);
      for (let at = 0; at < batch.length; at++) scores[start + at] = ofBatch[at];
    }
    return scores;
  }

  /** What each part adds to the score of an item, as `Gru4Rec.explain`. */
  explain(state: Float32Array, item: number): Record<string, number> {
    const { tensors = [] } = this.#values;
    const [by, table] = ['by', 'Wy'].map((name) => valuesOf(tensors, name));
    const hidden = this.#hidden(state);
    const start = item * hidden.length;
    const network = hidden.reduce((sum, value, unit) => sum + value * table[start + unit], by[item]);
    const bias = isFresh(this.#options.config) && (this.#bias ?? valuesOf(tensors, freshVariables.bias));
    const moment = bias ? bias[item] - by[item] : 0;
    this.#parts?.read(this.#history.of(state));
    const sparse = this.#parts?.explain(item, network + moment);
    return { network, ...sparse, ...(bias && { moment }) };
  }

  /** Scores with other biases from now on; only of a model with freshness. @param bias - [I], kept. */
  useBias(bias: Float32Array): void {
    this.#bias = bias;
    this.#loaded?.runtime.write(freshVariables.bias, bias);
  }

  /** Lets lists read only groups that likely have the best items (all groups at first). @returns false if lists stay exact. */
  group(states: readonly Float32Array[]): boolean {
    const units = this.#output.end - this.#output.start;
    const hidden = new Float32Array(states.length * units);
    for (const [at, state] of states.entries()) hidden.set(this.#hidden(state), at * units);
    const isGrouped = groupingOf(this.#load().runtime)?.group(hidden) ?? false;
    if (isGrouped) this.#grouped = { hidden, share: 1 };
    return isGrouped;
  }

  ungroup(): void {
    this.#grouped = undefined;
    this.dispose();
  }

  /** @param share - about the part of the items that lists read from now on; 1 for exact lists. */
  probe(share: number): void {
    if (this.#grouped) this.#grouped.share = share;
    groupingOf(this.#load().runtime)?.probe(share);
  }

  dispose(): void {
    this.#loaded?.runtime.dispose();
    this.#loaded = undefined;
  }

  #hidden(state: Float32Array): Float32Array {
    return state.subarray(this.#output.start, this.#output.end);
  }

  #load(): Loaded {
    if (this.#loaded) return this.#loaded;
    const { config, clicks, load } = this.#options;
    const shape = {
      config,
      clicks,
      itemCount: this.#rows,
      changed: this.#parts?.length,
      fresh: isFresh(config),
    };
    this.#loaded = loadPrograms(shape, this.#mostSlots, load);
    const { runtime } = this.#loaded;
    this.#write(runtime);
    if (this.#bias) runtime.write(freshVariables.bias, this.#bias);
    const grouping = this.#grouped && groupingOf(runtime);
    if (this.#grouped && grouping?.group(this.#grouped.hidden)) grouping.probe(this.#grouped.share);
    return this.#loaded;
  }

  #write(runtime: Runtime): void {
    const { itemCount, tensors = [] } = this.#values;
    writeTensors(runtime, tensors);
    const free = this.#rows - itemCount;
    if (free > 0) runtime.write('by', new Float32Array(free).fill(NO_ITEM), itemCount);
  }
}

function firstOf(list: TopList, itemCount: number): TopList {
  const { items, scores } = list;
  const isKnown = (item: number) => item >= 0 && item < itemCount;
  if (isKnown(items.at(-1) ?? 0)) return list;
  const end = items.findIndex((item) => !isKnown(item));
  return { items: items.subarray(0, end), scores: scores?.subarray(0, end) };
}

interface Loaded {
  readonly runtime: Runtime;
  readonly steps: readonly AdvanceStep[];
  /** By ascending number of slots, and of items. */
  readonly tops: readonly TopStep[];
  /** Likewise, for one slot. */
  readonly topsOfSome: readonly TopStep[];
  readonly scoreAll: ReturnType<typeof buildScoreAllProgram>;
  /** For few items and for many. */
  readonly scoreItems: readonly [ItemsStep, ItemsStep];
}

/** A program, and the arrays that it is fed from. */
interface ItemsStep {
  readonly program: ReturnType<typeof buildScoreItemsProgram>;
  readonly items: Int32Array;
  readonly scale: Float32Array;
  readonly added: Float32Array;
}

type Shape = Omit<InferenceOptions, 'slots' | 'name'>;

function loadPrograms(shape: Shape, mostSlots: number, load: LiveEngineOptions['load']): Loaded {
  const steps: AdvanceStep[] = [];
  const tops: TopStep[] = [];
  for (let slots = 1; ; slots = Math.min(2 * slots, mostSlots)) {
    steps.push(new AdvanceStep(shape, slots));
    tops.push(...topSteps(shape, slots));
    if (slots === mostSlots) break;
  }
  const topsOfSome = topSteps(shape, 1, true);
  const scoreAll = buildScoreAllProgram({ ...shape, slots: 1, name: 'score-all' });
  const itemsStep = (slots: number): ItemsStep => ({
    program: buildScoreItemsProgram({ ...shape, slots, name: `score-items-${slots}` }),
    items: new Int32Array(slots),
    scale: new Float32Array(slots),
    added: new Float32Array(slots),
  });
  const scoreItems = [itemsStep(FEW_ITEMS), itemsStep(MANY_ITEMS)] as const;
  const fed: readonly { readonly program: Program }[] = [...steps, ...tops, ...topsOfSome, ...scoreItems];
  const runtime = load([...fed.map(({ program }) => program), scoreAll]);
  return { runtime, steps, tops, topsOfSome, scoreAll, scoreItems };
}

/** One event of one session. */
export interface LiveEvent {
  /** All states of the session, in order, and its last items; zeros at its start; overwritten by the next ones. */
  readonly state: Float32Array;
  readonly item: number;
  /** [K] features of the click, −1 for none; with features of clicks, none if not given. */
  readonly features?: ArrayLike<number> | undefined;
}

class AdvanceStep {
  readonly slots: number;
  readonly program: Program<EventInputs>;
  readonly #input: Int32Array;
  readonly #resetMask: Float32Array;
  readonly #features: Int32Array | undefined;
  readonly #states: SessionStates;

  constructor({ config, itemCount, clicks }: Shape, slots: number) {
    const name = `advance-${slots}`;
    this.slots = slots;
    this.program = buildAdvanceProgram({ config, itemCount, clicks, slots, name });
    this.#input = new Int32Array(slots);
    this.#resetMask = new Float32Array(slots);
    this.#features = clicks && new Int32Array(slots * clicks.perClick);
    this.#states = new SessionStates(config, `${name}.`, slots);
  }

  run(runtime: Runtime, events: readonly LiveEvent[]): void {
    this.#input.fill(-1);
    this.#resetMask.fill(0, 0, events.length).fill(1, events.length);
    for (const [slot, { item }] of events.entries()) this.#input[slot] = item;
    const sessions = events.map(({ state }) => state);
    this.#states.write(runtime, sessions);
    const clickFeatures = this.#featuresOf(events);
    const inputs = { input: this.#input, resetMask: this.#resetMask };
    runProgram(runtime, this.program, clickFeatures ? { ...inputs, clickFeatures } : inputs);
    this.#states.read(runtime, sessions);
  }

  #featuresOf(events: readonly LiveEvent[]): Int32Array | undefined {
    const features = this.#features?.fill(-1);
    if (!features) return undefined;
    const perClick = features.length / this.slots;
    for (const [slot, event] of events.entries()) features.set(event.features ?? [], slot * perClick);
    return features;
  }
}

/** Lengths of the lists that programs find. A longer list takes more time: more rows enter it and are scored. */
export const listLengths: readonly number[] = [20, 64, 128, 256, 2048];

export interface TopList {
  readonly items: Int32Array;
  /** The scores of `items`; undefined if the program does not compute them. */
  readonly scores?: Float64Array | undefined;
}

const NONE = new Int32Array();

class TopStep {
  readonly slots: number;
  readonly k: number;
  readonly program: ReturnType<typeof buildTopProgram>;
  readonly #hidden: Float32Array;
  readonly #allowed: Int32Array | undefined;
  readonly #lists: readonly { readonly items: Int32Array }[];

  constructor(shape: Shape, { slots, k, some }: { slots: number; k: number; some: boolean }) {
    this.slots = slots;
    this.k = k;
    const name = `top-${some ? 'allowed-' : ''}${k}-${slots}`;
    this.program = buildTopProgram({ ...shape, slots, k, some, name });
    this.#allowed = some ? new Int32Array(Math.ceil(shape.itemCount / 32)) : undefined;
    this.#hidden = new Float32Array(slots * (shape.config.layers.at(-1) ?? 0));
    this.#lists = Array.from({ length: slots }, () => ({ items: new Int32Array(k) }));
  }

  /** @returns a list per session, at most `slots`; valid until the next call. */
  run(runtime: Runtime, hidden: readonly Float32Array[], allowed: Int32Array = NONE): TopList[] {
    for (const [slot, values] of hidden.entries()) this.#hidden.set(values, slot * values.length);
    this.#allowed?.fill(0).set(allowed);
    const states = { hidden: this.#hidden };
    const inputs = this.#allowed ? { ...states, allowed: this.#allowed } : states;
    const { top, scores } = runProgram(runtime, this.program, inputs);
    if (scores) return [{ items: top, scores: Float64Array.from(scores) }];
    for (const [slot, { items }] of this.#lists.entries())
      for (let place = 0; place < this.k; place++) items[place] = top[place * this.slots + slot] ?? -1;
    return this.#lists.slice(0, hidden.length);
  }
}

/** The programs for lists of each length, in ascending order; longer by the items that parts may lower, mostly 12 or less. */
function topSteps(shape: Shape, slots: number, some = false): TopStep[] {
  const { config, itemCount } = shape;
  const most = historyLength(config);
  const all = [20 + Math.min(most, 12), ...listLengths.map((length) => length + most)];
  const lengths = new Set(all.map((length) => Math.min(length, itemCount)));
  return Array.from(lengths, (k) => new TopStep(shape, { slots, k, some }));
}

/**
 * The last distinct items at the end of a state, as the bits of index + 1, so that zeros are none and floats copy them, then
 * their clicks.
 */
export class StateHistory {
  readonly length: number;
  /** Its part of a state. */
  readonly words: number;
  readonly #start: number;
  readonly #row: SessionHistory;

  constructor(start: number, length: number) {
    this.length = length;
    this.words = 2 * length;
    this.#start = start;
    this.#row = new SessionHistory(1, length);
  }

  countOf(state: Float32Array): number {
    const none = this.#stored(state).indexOf(0);
    return none < 0 ? this.length : Math.min(none, this.length);
  }

  /** The history of a state; valid until the next call. */
  of(state: Float32Array): SessionHistory {
    const { length, words } = this;
    const stored = this.#stored(state);
    for (let place = 0; place < length; place++) this.#row.items[place] = stored[place] - 1;
    this.#row.counts.set(stored.subarray(length, words));
    return this.#row;
  }

  add(state: Float32Array, item: number): void {
    if (this.length === 0) return;
    const { items, counts } = this.of(state);
    this.#row.add(0, item);
    const stored = this.#stored(state);
    for (let place = 0; place < this.length; place++) stored[place] = items[place] + 1;
    stored.set(counts, this.length);
  }

  #stored({ buffer, byteOffset }: Float32Array): Int32Array {
    return new Int32Array(buffer, byteOffset + 4 * this.#start, this.words);
  }
}
