import { SessionHistory } from '@gru4rec/batcher';
import { type Scores, topItems } from '@gru4rec/metrics';
import { groupingOf, type Program, type Runtime, runProgram } from '@gru4rec/program';
import { freshVariables } from '../freshness.ts';
import type { StepConfig } from '../model-config.ts';
import {
  buildAdvanceProgram,
  buildScoreAllProgram,
  buildScoreItemsProgram,
  buildTopProgram,
  type EventInputs,
  type StateInputs,
} from '../programs/build-inference-programs.ts';
import type { ClickShape } from '../programs/click-features.ts';
import { historyLength, scoresAreLinear, stateVariables } from '../programs/forward.ts';
import { SessionStates } from '../programs/session-states.ts';
import { historyInputs } from '../scoring.ts';

/** Items that one run scores: of a list of recommendations, and of many candidates, which may take several runs. */
const ITEMS_PER_RUN = [32, 256];

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
  readonly load: (programs: readonly Program[]) => Runtime;
}

/** The programs of live sessions, by item index. Callers keep the states. */
export interface LivePrograms {
  readonly stateLength: number;
  /** Allows up to `slots` events per call of `advance`. */
  reserve(slots: number): void;
  /** Takes one more event in each of at most as many sessions as were reserved, no session twice. */
  advance(events: readonly LiveEvent[]): void;
  /** Scores [I] of all items for one session, where `best` lists too few; a view valid until the next call. */
  scoreAll(state: Float32Array): Scores;
  /** The best items per session, `count` at least; undefined if no program lists that many: use `scoreAll`. */
  best(states: readonly Float32Array[], count: number): BestItems[] | undefined;
  /** Scores of some items for one session (fresh). */
  scoreItems(state: Float32Array, items: Int32Array): Float64Array;
}

/** One runtime for all live sessions of a model. It keeps no session: callers hand in their states. */
export class LiveEngine implements LivePrograms {
  readonly stateLength: number;
  readonly #options: LiveEngineOptions;
  readonly #output: { start: number; end: number };
  readonly #history: StateHistory;
  #mostSlots = 1;
  #loaded: Loaded | undefined;
  #bias: Float32Array | undefined;
  #grouped: { readonly hidden: Float32Array; share: number } | undefined;

  constructor(options: LiveEngineOptions) {
    const { config } = options;
    const states = stateVariables(config, '');
    this.#options = options;
    const length = states.reduce((sum, { units }) => sum + units, 0);
    this.#history = new StateHistory(length, historyLength(config));
    this.stateLength = length + this.#history.words;
    const units = config.layers.at(-1) ?? 0;
    const start = length - units * (states.length / config.layers.length);
    this.#output = { start, end: start + units };
  }

  reserve(slots: number): void {
    if (slots <= this.#mostSlots) return;
    this.#mostSlots = slots;
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
    return runProgram(runtime, scoreAll, this.#inputs(state)).scores;
  }

  best(states: readonly Float32Array[], count: number): BestItems[] | undefined {
    const { runtime, tops } = this.#load();
    const { config, itemCount } = this.#options;
    const most = scoresAreLinear(config) ? this.#mostSlots : 1;
    // The repeat bias may move each item of the history out of a list.
    const listed = count + this.#history.length;
    const lists: TopList[] = [];
    for (let start = 0; start < states.length; start += most) {
      const some = states.slice(start, start + most);
      const step = tops.find(({ slots, k }) => slots >= some.length && (k >= listed || k === itemCount));
      if (!step) return undefined;
      lists.push(
        ...step.run(
          runtime,
          some.map((state) => this.#hidden(state)),
        ),
      );
    }
    return states.map((state, i) => this.#scored(state, lists[i] ?? { items: new Int32Array() }));
  }

  #scored(state: Float32Array, { items: listed, scores: own }: TopList): BestItems {
    const history = this.#history.of(state).items.filter((item) => item >= 0);
    if (history.length === 0) return { items: listed, scores: own ?? this.scoreItems(state, listed) };
    const known = new Set(listed);
    const items = Int32Array.from([...listed, ...history.filter((item) => !known.has(item))]).sort();
    const scores = this.scoreItems(state, items);
    const order = topItems(scores, items.length);
    // An unlisted item may be better than what follows the last listed item that keeps its score.
    const kept = new Set(history);
    const isKept = (place: number): boolean => !kept.has(items[place] ?? -1);
    const all = known.size === this.#options.itemCount;
    const best = all
      ? order
      : order.subarray(0, order.findLastIndex((place) => isKept(place) && known.has(items[place] ?? -1)) + 1);
    return {
      items: best.map((place) => items[place] ?? -1),
      scores: Float64Array.from(best, (place) => scores[place] ?? Number.NaN),
    };
  }

  scoreItems(state: Float32Array, items: Int32Array): Float64Array {
    const { runtime, scoreItems } = this.#load();
    const step = scoreItems.find((one) => one.items.length >= items.length) ?? scoreItems.at(-1);
    if (!step) throw new RangeError('scoreItems: no program scores items');
    const inputs = this.#inputs(state);
    const scores = new Float64Array(items.length);
    for (let start = 0; start < items.length; start += step.items.length) {
      const some = items.subarray(start, start + step.items.length);
      step.items.fill(-1).set(some);
      const found = runProgram(runtime, step.program, { ...inputs, items: step.items }).scores;
      scores.set(found.subarray(0, some.length), start);
    }
    return scores;
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

  #inputs(state: Float32Array): StateInputs {
    const history = this.#history.length > 0 && this.#history.of(state);
    return { hidden: this.#hidden(state), ...(history && historyInputs(this.#options.config, history)) };
  }

  #load(): Loaded {
    if (this.#loaded) return this.#loaded;
    this.#loaded = loadPrograms(this.#options, this.#mostSlots);
    const { runtime } = this.#loaded;
    if (this.#bias) runtime.write(freshVariables.bias, this.#bias);
    const grouping = this.#grouped && groupingOf(runtime);
    if (this.#grouped && grouping?.group(this.#grouped.hidden)) grouping.probe(this.#grouped.share);
    return this.#loaded;
  }
}

interface Loaded {
  readonly runtime: Runtime;
  /** By ascending number of slots. */
  readonly steps: readonly AdvanceStep[];
  /** By ascending number of slots, and of items. */
  readonly tops: readonly TopStep[];
  readonly scoreAll: ReturnType<typeof buildScoreAllProgram>;
  /** By ascending number of items, with the array that each is fed from. */
  readonly scoreItems: readonly {
    readonly program: ReturnType<typeof buildScoreItemsProgram>;
    readonly items: Int32Array;
  }[];
}

function loadPrograms({ config, itemCount, clicks, load }: LiveEngineOptions, mostSlots: number): Loaded {
  const steps: AdvanceStep[] = [];
  const tops: TopStep[] = [];
  for (let slots = 1; ; slots = Math.min(2 * slots, mostSlots)) {
    steps.push(new AdvanceStep({ config, itemCount, clicks }, slots));
    tops.push(...topSteps(config, itemCount, slots));
    if (slots === mostSlots) break;
  }
  const scoreAll = buildScoreAllProgram({ config, itemCount, slots: 1, name: 'score-all' });
  const scoreItems = ITEMS_PER_RUN.map((slots) => {
    const program = buildScoreItemsProgram({ config, itemCount, slots, name: `score-items-${slots}` });
    return { program, items: new Int32Array(slots) };
  });
  const fed: readonly { readonly program: Program }[] = [...steps, ...tops, ...scoreItems];
  const runtime = load([...fed.map(({ program }) => program), scoreAll]);
  return { runtime, steps, tops, scoreAll, scoreItems };
}

/** One event of one session. */
export interface LiveEvent {
  /** All states of the session, in order, and its last items; zeros at its start; overwritten by the next ones. */
  readonly state: Float32Array;
  readonly item: number;
  /** [K] features of the click, −1 for none; with features of clicks, none if not given. */
  readonly features?: Int32Array | undefined;
}

class AdvanceStep {
  readonly slots: number;
  readonly program: Program<EventInputs>;
  readonly #input: Int32Array;
  readonly #resetMask: Float32Array;
  readonly #features: Int32Array | undefined;
  readonly #states: SessionStates;

  constructor(
    { config, itemCount, clicks }: Pick<LiveEngineOptions, 'config' | 'itemCount' | 'clicks'>,
    slots: number,
  ) {
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

/** The best items of a session, without a repeat bias. */
export interface TopList {
  readonly items: Int32Array;
  /** Of `items`; undefined if the program does not compute them. */
  readonly scores?: Float64Array;
}

class TopStep {
  readonly slots: number;
  readonly k: number;
  readonly program: ReturnType<typeof buildTopProgram>;
  readonly #hidden: Float32Array;

  constructor(config: StepConfig, itemCount: number, { slots, k }: { slots: number; k: number }) {
    this.slots = slots;
    this.k = k;
    this.program = buildTopProgram({ config, itemCount, slots, k, name: `top-${k}-${slots}` });
    this.#hidden = new Float32Array(slots * (config.layers.at(-1) ?? 0));
  }

  /** @param hidden - the last layer's outputs, at most `slots`. @returns a list per session (fresh). */
  run(runtime: Runtime, hidden: readonly Float32Array[]): TopList[] {
    for (const [slot, values] of hidden.entries()) this.#hidden.set(values, slot * values.length);
    const { top, scores } = runProgram(runtime, this.program, { hidden: this.#hidden });
    if (scores) return [{ items: top.slice(), scores: Float64Array.from(scores) }];
    return hidden.map((_, slot) => {
      const items = new Int32Array(this.k);
      for (let place = 0; place < this.k; place++) items[place] = top[place * this.slots + slot] ?? -1;
      return { items };
    });
  }
}

/** The programs for lists of each length, in ascending order; longer by the items that a repeat bias may move. */
function topSteps(config: StepConfig, itemCount: number, slots: number): TopStep[] {
  const lengths = new Set(listLengths.map((length) => Math.min(length + historyLength(config), itemCount)));
  return Array.from(lengths, (k) => new TopStep(config, itemCount, { slots, k }));
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

  /** The history of a state; valid until the next call. */
  of(state: Float32Array): SessionHistory {
    const { length, words } = this;
    const stored = this.#stored(state);
    for (let place = 0; place < length; place++) this.#row.items[place] = Number(stored[place]) - 1;
    this.#row.counts.set(stored.subarray(length, words));
    return this.#row;
  }

  add(state: Float32Array, item: number): void {
    if (this.length === 0) return;
    const { items, counts } = this.of(state);
    this.#row.add(0, item);
    const stored = this.#stored(state);
    stored.set(items.map((last) => last + 1));
    stored.set(counts, this.length);
  }

  #stored({ buffer, byteOffset }: Float32Array): Int32Array {
    return new Int32Array(buffer, byteOffset + 4 * this.#start, this.words);
  }
}
