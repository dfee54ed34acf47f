export { float32Tolerance } from '../../closeness.ts';
export { engineConformance } from '../../conformance/engine-conformance.ts';
export { type Golden, parseGolden } from '../../golden.ts';
export { parseEvents, type SessionTable } from '../../sessions.ts';
export { type Outcome, runSuite } from './run-suite.ts';
