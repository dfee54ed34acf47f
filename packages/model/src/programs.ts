export { type LossName, losses } from './losses/registry.ts';
export type { StepConfig } from './model-config.ts';
export { historyLength } from './parts/registry.ts';
export {
  buildScoreProgram,
  buildServeProgram,
  type EventInputs,
  type InferenceOptions,
  type ScoreOutputs,
} from './programs/build-inference-programs.ts';
export {
  buildTrainProgram,
  type LossOutputs,
  type TrainInputs,
  type TrainProgram,
  type TrainProgramOptions,
} from './programs/build-train-program.ts';
export { clickShape } from './programs/click-features.ts';
export { embeddingWidth } from './programs/forward.ts';
export { mergerFor, TrainingStep, type TrainingStepOptions } from './programs/training-step.ts';
