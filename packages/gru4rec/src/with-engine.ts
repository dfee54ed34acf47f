import { checkHas } from '@gru4rec/checks';
import {
  createWasmEngine as createEngine,
  type WasmEngine,
  type WasmEngineOptions,
} from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import {
  type Gru4Rec,
  type LearnerOptions as LearnerOptionsWithEngine,
  Learner as LearnerWithEngine,
  loadModel as loadModelWithEngine,
  type ModelConfigInput,
  type TrainingData,
  type TrainOptions as TrainOptionsWithEngine,
  train as trainWithEngine,
} from '@gru4rec/model';
import { loadRecommender as loadRecommenderWithEngine, type Recommender } from '@gru4rec/recommender';

type LoadOptionsWithEngine = Parameters<typeof loadRecommenderWithEngine>[1];

/** Options of a function that computes with the default engine if `engine` is not given. */
export type DefaultEngine<Options extends { readonly engine: unknown }> = Omit<Options, 'engine'> & {
  readonly engine?: Options['engine'] | undefined;
};

/** How a learner learns. */
export type LearnerOptions = DefaultEngine<LearnerOptionsWithEngine>;
/** What is read of a model, and the engine that runs it. */
export type LoadOptions = DefaultEngine<LoadOptionsWithEngine>;
/** How training computes, reports and validates, and what it continues. */
export type TrainOptions = DefaultEngine<TrainOptionsWithEngine>;

/**
 * Creates the default engine. It runs native kernels if those of this platform are installed, and WebAssembly's otherwise
 * or with `native: undefined`.
 *
 * @throws RangeError if an option is wrong.
 * @throws EngineUnavailableError if this runtime lacks what an option asks for.
 * @example
 * const engine = createWasmEngine({ threads: 1 });
 * const model = await loadModel('model', { engine });
 */
export function createWasmEngine(options: WasmEngineOptions = {}): WasmEngine {
  checkHas('createWasmEngine', 'options', options, []);
  const native = 'native' in options ? options.native : findNativeKernels().kernels;
  return createEngine({ ...options, native });
}

let shared: WasmEngine | undefined;

function defaultEngine(): WasmEngine {
  shared ??= createWasmEngine();
  return shared;
}

/** @param name - of the caller, for its message. */
function withEngine<Options extends { readonly engine: unknown }>(
  name: string,
  options: DefaultEngine<Options>,
): Omit<Options, 'engine'> & { readonly engine: Options['engine'] | WasmEngine } {
  checkHas(name, 'options', options, []);
  return { ...options, engine: options.engine ?? defaultEngine() };
}

/**
 * Trains a model; see `train` of the package `model` for what it does and throws. One engine with the default options serves all
 * calls without `engine`.
 * @param hyperParameters - those of the preset `best` if there are none.
 * @example
 * const dataset = await readDataset('data');
 * const model = await train(dataset, { layers: [32], nEpochs: 2 }, { signal: AbortSignal.timeout(600_000) });
 * await model.save('model');
 */
export function train(
  data: TrainingData,
  hyperParameters: ModelConfigInput = {},
  options: TrainOptions = {},
): Promise<Gru4Rec> {
  return trainWithEngine(data, hyperParameters, withEngine<TrainOptionsWithEngine>('train', options));
}

/**
 * Reads a model folder, and checks all of it; see `loadModel` of the package `model`.
 * @example
 * const session = (await loadModel('model')).startSession();
 * session.click('item-1');
 * const next = session.recommend(3, { excludeSeen: true }); // [{ id, score }, …]
 */
export function loadModel(location: string | URL, options: LoadOptions = {}): Promise<Gru4Rec> {
  return loadModelWithEngine(location, withEngine<LoadOptionsWithEngine>('loadModel', options));
}

/**
 * Reads the folder of a model or a baseline, and checks all of it; see `loadRecommender` of the package `recommender`.
 * @example
 * const recommender = await loadRecommender('model'); // or what `gru4rec compare --keep` wrote
 * const [best] = recommender.startSession().recommend(1);
 */
export function loadRecommender(location: string | URL, options: LoadOptions = {}): Promise<Recommender> {
  return loadRecommenderWithEngine(location, withEngine<LoadOptionsWithEngine>('loadRecommender', options));
}

/**
 * Learns from a stream of clicks; see `Learner` of the package `model`.
 * @example
 * using learner = new Learner(await loadModel('model'));
 * learner.learn([
 *   { session: 'visit', item: 'item-1', timeMs: Date.now() },
 *   { session: 'visit', item: 'item-2', timeMs: Date.now() },
 * ]);
 * await learner.model().save('model');
 */
export class Learner extends LearnerWithEngine {
  constructor(model: Gru4Rec, options: LearnerOptions = {}) {
    super(model, withEngine<LearnerOptionsWithEngine>('Learner', options));
  }
}
