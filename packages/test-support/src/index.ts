export { type AlteredJson, alteredJson } from './altered-json.ts';
export { expectClose, float32Tolerance, type Tolerance } from './closeness.ts';
export { conformancePrograms } from './conformance/conformance-programs.ts';
export { type EngineConformanceOptions, engineConformance } from './conformance/engine-conformance.ts';
export {
  type RegionCase,
  type RegionConformanceOptions,
  type RegionInput,
  regionConformance,
} from './conformance/region-conformance.ts';
export { answering, installFake } from './fake-tensorflow.ts';
export { freePort } from './free-port.ts';
export type {
  Golden,
  GoldenConfig,
  GoldenMetrics,
  GoldenTensor,
} from './golden.ts';
export { type CheckedParameter, checkGradient, type GradientCheckOptions } from './gradient-check.ts';
export { expectGroupedTop, groupedShapes } from './grouped-tables.ts';
export { GuardedServer } from './guarded-server.ts';
export { type PostgresForTests, PostgresServer, postgresForTests } from './postgres.ts';
export { expectAgreement } from './random-programs/expect-agreement.ts';
export { allOptimizers, scalarsOf } from './random-programs/optimizers.ts';
export { poison } from './random-programs/poison.ts';
export { type RandomProgram, randomInputs, randomProgram } from './random-programs/random-program.ts';
export { goldenFolder, readEvents, readGolden } from './read-recorded.ts';
export { type RedisForTests, RedisServer, redisForTests } from './redis.ts';
export { expectExactTop, type ScoredTable, scoredTables, topProgram } from './scored-tables.ts';
export { type SessionTable, tinySessions } from './sessions.ts';
export { type SparkForTests, sparkForTests } from './spark.ts';
export { type TensorFlowForTests, tensorFlowForTests } from './tensorflow.ts';
