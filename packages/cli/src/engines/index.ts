export { MOST_THREADS } from '@gru4rec/engine-wasm';
export {
  type ChosenEngine,
  checkEngine,
  chooseEngine,
  chooseEngineName,
  createEngine,
  type EngineName,
  type EngineOptions,
  engineNames,
  type KernelChoice,
  makeWasmEngine,
  type NamedEngine,
  type Surroundings,
} from './choose-engine.ts';
export type { ThreadEngine } from './inference-thread.ts';
export { type EngineState, listEngines } from './list-engines.ts';
export { loopEngineMaker, threadStarter } from './start-thread.ts';
