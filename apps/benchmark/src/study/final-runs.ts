import { existsSync } from 'node:fs';
import { mix, tuneMix } from '@gru4rec/baselines';
import { type Evaluation, type Scorer, type SessionArrays, sampleSessions } from '@gru4rec/metrics';
import { loadModel } from '@gru4rec/model';
import type { JsonObject } from '@gru4rec/tuning';
import type { Cache } from './cache.ts';
import type { StudyData } from './data-sets.ts';
import { CUTOFF, evaluateRanks, fitBaseline, fitModel, modelConfig, scoreOf, type Workshop } from './fit.ts';
import type { Method, ModelMethod } from './methods.ts';

/** A method with the values that it was tuned to. */
export interface TunedMethod {
  readonly method: Method;
  readonly values: JsonObject;
}

/** One fit and its evaluation on the test sessions. */
export interface FinalRun {
  readonly evaluation: Evaluation;
  readonly fitSeconds: number;
  readonly evaluateSeconds: number;
}

/** Sessions to choose hyper-parameters and weights on. */
const VALIDATED_SESSIONS = 2500;
const SAMPLE_SEED = 1;

/** Seeded sessions of the validation split. */
export function validationSample({ tune }: StudyData): SessionArrays {
  return sampleSessions(tune.validation, { size: VALIDATED_SESSIONS, seed: SAMPLE_SEED });
}

/** Fits methods and mixes, and evaluates them on the test sessions, once each. */
export class FinalRuns {
  readonly #data: StudyData;
  readonly #cache: Cache;
  readonly #workshop: Workshop;

  constructor(data: StudyData, cache: Cache, workshop: Workshop) {
    this.#data = data;
    this.#cache = cache;
    this.#workshop = workshop;
  }

  /** The run of a method with a seed. */
  run(tuned: TunedMethod, seed: number): Promise<FinalRun> {
    return this.#cache.get('test', keyOf(tuned, seed), async () => {
      const { scorer, seconds } = await this.#fit(tuned, seed, 'final');
      return this.#evaluate(scorer, seconds);
    });
  }

  /** The evaluation of a method with a seed, without the items that the session has clicked before. */
  unseen(tuned: TunedMethod, seed: number): Promise<Evaluation> {
    return this.#cache.get('unseen', keyOf(tuned, seed), async () => {
      const { scorer } = await this.#fit(tuned, seed, 'final');
      this.#workshop.signal.throwIfAborted();
      return evaluateRanks(scorer, this.#data.final.test, this.#workshop, { excludeSeen: true });
    });
  }

  /**
   * The weight of the model in a mix, in tenths, that is best on validation sessions: both parts are fitted to what these
   * sessions come after.
   */
  weight(model: TunedMethod, baseline: TunedMethod): Promise<number> {
    return this.#cache.get('weight', [keyOf(model, 0), keyOf(baseline, 0)], async () => {
      const [first, second] = await this.#pair(model, baseline, 0, 'tune');
      const heldOut = validationSample(this.#data);
      const { points } = tuneMix([first.scorer, second.scorer], heldOut, { cutoff: CUTOFF });
      return points.reduce((best, point) => (scoreOf(point) > scoreOf(best) ? point : best)).weight;
    });
  }

  /** The run of a mix with a seed. Its fitting time is that of both parts. */
  mixed(model: TunedMethod, baseline: TunedMethod, weight: number, seed: number): Promise<FinalRun> {
    return this.#cache.get('test', [keyOf(model, seed), keyOf(baseline, seed), weight], async () => {
      const [first, second] = await this.#pair(model, baseline, seed, 'final');
      const scorer = mix([first.scorer, second.scorer], { weights: [weight, 1 - weight] });
      return this.#evaluate(scorer, first.seconds + second.seconds);
    });
  }

  async #pair(model: TunedMethod, baseline: TunedMethod, seed: number, on: 'final' | 'tune') {
    return [await this.#fit(model, seed, on), await this.#fit(baseline, seed, on)] as const;
  }

  async #evaluate(scorer: Scorer, fitSeconds: number): Promise<FinalRun> {
    this.#workshop.signal.throwIfAborted();
    const start = performance.now();
    const { test } = this.#data.final;
    const evaluation = await evaluateRanks(scorer, test, this.#workshop);
    const evaluateSeconds = (performance.now() - start) / 1000;
    return { evaluation, fitSeconds, evaluateSeconds };
  }

  /** Fits a method to the training sessions of the final or of the tuning split. */
  async #fit({ method, values }: TunedMethod, seed: number, on: 'final' | 'tune') {
    if (method.family === 'gru4rec') return this.#fitModel({ method, values }, seed, on);
    const start = performance.now();
    const scorer = fitBaseline(method, values, this.#data[on]);
    return { scorer, seconds: (performance.now() - start) / 1000 };
  }

  /** Trains a model, or opens the folder that an earlier call wrote. */
  async #fitModel(
    { method, values }: { readonly method: ModelMethod; readonly values: JsonObject },
    seed: number,
    on: 'final' | 'tune',
  ): Promise<{ readonly scorer: Scorer; readonly seconds: number }> {
    const { engine } = this.#workshop;
    const folder = this.#cache.pathOf(`model-${method.id}-${on}-${seed}`, keyOf({ method, values }, seed));
    const known = existsSync(folder);
    const model = known
      ? await loadModel(folder, { engine })
      : await fitModel(modelConfig(method, values, seed), this.#data[on], this.#workshop);
    if (!known) await model.save(folder);
    const seconds = model.history.reduce((sum, record) => sum + record.seconds, 0);
    return { scorer: model.scorer(), seconds };
  }
}

function keyOf({ method, values }: TunedMethod, seed: number): unknown {
  const { id, defaults, seeded } = method;
  return { id, defaults, values, seed: seeded ? seed : 0 };
}
