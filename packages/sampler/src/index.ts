export { type AliasTable, buildAliasTable } from './alias-table.ts';
export { DistinctSamples, expectedDistinct } from './distinct-samples.ts';
export {
  logSupport,
  PopularitySampler,
  type PopularitySamplerOptions,
  type SamplingKernels,
} from './popularity-sampler.ts';
