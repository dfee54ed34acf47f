import type { Scores } from '@gru4rec/metrics';
import {
  AllowedItems,
  type BestItems,
  ClickRounds,
  fixedScores,
  type ItemSelection,
  ItemSelector,
  type LivePrograms,
  type LiveRecommender,
  onlyAmong,
} from '@gru4rec/model';
import { type AnswerBatch, type List, noRules, type Query, type Source } from './messages.ts';

type RelatedTo = Extract<Source, { readonly item: number }>;

export interface ThreadModel {
  readonly live: LivePrograms;
  readonly startOf: LiveRecommender['startOf'];
  readonly itemCount: number;
  /** [I] scores of what is trending, which may change. */
  readonly trending: Scores;
  /** Items of the training. What is trending has later ones only with a score. */
  readonly trained: number;
  readonly maxBatch: number;
  /** K, the features of a click; none if not given. */
  readonly perClick?: number;
  /** Whether later versions may have more items. */
  readonly learns?: boolean;
}

export class BatchAnswerer {
  readonly #live: LivePrograms;
  readonly #startOf: ThreadModel['startOf'];
  readonly #rounds: ClickRounds;
  readonly #selectors: { readonly model: ItemSelector; readonly trending: ItemSelector };
  readonly #states: Float32Array[] = [];
  /** By place in the wave. New copies would take 3 µs each. */
  readonly #before: Float32Array[] = [];
  readonly #perClick: number;
  readonly #itemCount: number;
  readonly #isNew: (item: number) => boolean;

  constructor({ live, startOf, itemCount, trending, trained, maxBatch, perClick = 0, learns }: ThreadModel) {
    this.#live = live;
    this.#startOf = startOf;
    this.#perClick = perClick;
    this.#itemCount = itemCount;
    this.#isNew = (item) => item >= trained && trending[item] === 0;
    live.reserve(maxBatch, learns);
    this.#rounds = new ClickRounds(live, maxBatch);
    this.#selectors = {
      model: new ItemSelector(live, itemCount),
      trending: new ItemSelector(fixedScores(trending, live), itemCount),
    };
  }

  answer(queries: readonly Query[]): AnswerBatch {
    const { answers, stepMs, topMs } = this.answerQueries(queries.map(received));
    return { kind: 'answers', ...joined(answers), stepMs, topMs };
  }

  /**
   * @returns the answers, in order; an error for a query that makes the model throw.
   * @throws that error if the model answers no plain query either.
   */
  answerQueries(queries: readonly Query[]) {
    const answers: (List | Error)[] = [];
    const times = { stepMs: 0, topMs: 0 };
    for (const wave of wavesOf(queries)) {
      for (const [at, { slot }] of wave.entries()) this.#row(this.#before, at).set(this.#state(slot));
      try {
        answers.push(...this.#answerWave(wave, times));
      } catch {
        for (const [at, query] of wave.entries()) {
          this.#state(query.slot).set(this.#before[at]);
          answers.push(this.#answerAlone(query, times));
        }
      }
    }
    return { answers, ...times };
  }

  #answerAlone(query: Query, times: Pick<AnswerBatch, 'stepMs' | 'topMs'>): List | Error {
    try {
      return this.#answerWave([query], times)[0];
    } catch (error) {
      this.#answerWave(plainQueries(1, this.#perClick), times);
      return error as Error;
    }
  }

  #answerWave(wave: readonly Query[], times: { stepMs: number; topMs: number }): List[] {
    const start = performance.now();
    this.#step(wave);
    const stepped = performance.now();
    const answers = this.#select(wave);
    times.stepMs += stepped - start;
    times.topMs += performance.now() - stepped;
    return answers;
  }

  /** The k-th clicks of all (distinct) slots together. */
  #step(wave: readonly Query[]): void {
    for (const { slot, reset, steps } of wave) {
      const state = this.#state(slot);
      if (reset) state.fill(0);
      const width = 1 + this.#perClick;
      for (let at = 0; at < steps.length; at += width) {
        const features = width > 1 ? steps.slice(at + 1, at + width) : undefined;
        this.#rounds.add(slot, { state, item: steps[at], features });
      }
    }
    this.#rounds.run();
  }

  #state(slot: number): Float32Array {
    return this.#row(this.#states, slot);
  }

  #row(rows: Float32Array[], at: number): Float32Array {
    rows[at] ??= new Float32Array(this.#live.stateLength);
    return rows[at];
  }

  #select(wave: readonly Query[]): List[] {
    const { model, trending } = this.#selectors;
    const selections = wave.map((query) => this.#selectionOf(query));
    const answers = model.select(selections.filter((_, at) => wave[at].source.kind === 'model')).values();
    return wave.map(({ source }, at) => {
      if (source.kind === 'model') return answers.next().value as BestItems;
      if ('item' in source) return this.#related(source, selections[at]);
      return trending.select([this.#withoutNew(selections[at])])[0];
    });
  }

  #related({ kind, item }: RelatedTo, selection: ItemSelection): List {
    const { scores, state, among, kind: found } = this.#startOf(item, kind);
    const selected = onlyAmong({ ...selection, state }, among, this.#itemCount);
    const [best] = new ItemSelector(scores, this.#itemCount).select([selected]);
    return { ...best, isNext: found === 'next' };
  }

  /** A list of all that the request allows has all. */
  #withoutNew(selection: ItemSelection): ItemSelection {
    const { n, allowed, unavailable } = selection;
    if (allowed && allowed.count <= n) return selection;
    const has = (item: number) => this.#isNew(item) || unavailable?.has(item) === true;
    return { ...selection, unavailable: { share: 0, has } };
  }

  /** A spread of the rules would take 3 µs. */
  #selectionOf(query: Query): ItemSelection {
    const {
      excluded,
      allowed,
      available,
      itemBoosts,
      pins,
      fusion,
      variety,
      maxPerGroup,
      groups,
      groupBoosts,
    } = query.rules;
    const [state, groupOf] = [this.#state(query.slot), groupsOf(groups)];
    const share = available ? 1 - available.count / this.#itemCount : 0;
    const unavailable = available && { share, has: (item: number) => !available.has(item) };
    const { n } = query;
    return {
      excluded,
      allowed,
      itemBoosts,
      pins,
      fusion,
      variety,
      maxPerGroup,
      groupBoosts,
      n,
      state,
      groupOf,
      unavailable,
    };
  }
}

function groupsOf(groups: Query['rules']['groups']): (item: number) => number | undefined {
  if (!(groups instanceof Int32Array)) return (item) => groups?.get(item);
  return (item) => (groups[item] >= 0 ? groups[item] : undefined);
}

/** Without rules, in the slots of sessions that are not kept. */
export function plainQueries(size: number, perClick: number): Query[] {
  const steps = [0, ...new Array<number>(perClick).fill(-1)];
  return Array.from({ length: size }, (_, slot) => {
    return { slot, reset: true, steps, n: 20, source: { kind: 'model' }, rules: noRules };
  });
}

/** A message keeps no class. */
function received(query: Query): Query {
  const { allowed, available } = query.rules;
  if (!allowed && !available) return query;
  const [some, all] = [allowed, available].map((items) => items && new AllowedItems(items.bits, items.count));
  return { ...query, rules: { ...query.rules, allowed: some, available: all } };
}

function wavesOf(queries: readonly Query[]): Query[][] {
  const waves: Query[][] = [];
  const slots = new Set<number>();
  for (const query of queries) {
    if (waves.length === 0 || slots.has(query.slot)) {
      slots.clear();
      waves.push([]);
    }
    slots.add(query.slot);
    waves.at(-1)?.push(query);
  }
  return waves;
}

function joined(
  answered: readonly (List | Error)[],
): Pick<AnswerBatch, 'counts' | 'items' | 'scores' | 'errors' | 'nexts'> {
  const errors = new Map<number, Error>();
  const nexts = new Set<number>();
  const answers = answered.map((answer, at) => {
    if (!(answer instanceof Error)) {
      if (answer.isNext) nexts.add(at);
      return answer;
    }
    errors.set(at, answer);
    return { items: [], scores: [] };
  });
  const counts = Int32Array.from(answers, ({ items }) => items.length);
  const length = counts.reduce((sum, count) => sum + count, 0);
  const [items, scores] = [new Int32Array(length), new Float64Array(length)];
  let at = 0;
  for (const answer of answers) {
    items.set(answer.items, at);
    scores.set(answer.scores, at);
    at += answer.items.length;
  }
  return { counts, items, scores, errors, nexts };
}
