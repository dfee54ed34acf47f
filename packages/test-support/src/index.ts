export { expectClose, float32Tolerance, type Tolerance } from './closeness.ts';
export { type EngineConformanceOptions, engineConformance } from './conformance/engine-conformance.ts';
export {
  type RegionCase,
  type RegionConformanceOptions,
  type RegionInput,
  regionConformance,
} from './conformance/region-conformance.ts';
export {
  type Golden,
  type GoldenConfig,
  type GoldenMetrics,
  type GoldenTensor,
  goldenFolder,
  readGolden,
} from './golden.ts';
export { type CheckedParameter, checkGradient, type GradientCheckOptions } from './gradient-check.ts';
export { readEvents, type SessionTable, tinySessions } from './sessions.ts';
