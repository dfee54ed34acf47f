export { type AliasTable, buildAliasTable } from './alias-table.ts';
export { DistinctSamples, expectedDistinct } from './distinct-samples.ts';
export { logSupport } from './log-support.ts';
export { PopularitySampler, type PopularitySamplerOptions } from './popularity-sampler.ts';
export type { SamplingKernels } from './sampling-kernels.ts';
