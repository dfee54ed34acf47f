import type { Work } from '../measure.ts';

/** Work that CI measures. */
export interface CiRow {
  readonly name: string;
  /**
   * Loads the code and prepares the work. Each row loads only what it needs, because the earlier code may lack what
   * another row needs.
   */
  readonly prepare: () => Promise<Work>;
}

/** Rows that cover everything slow in training and ranking. */
export const ciRows: readonly CiRow[] = [
  {
    name: 'step: cross-entropy, 100 units, batch 32, 2,048 samples',
    prepare: async () => (await import('./rows/step.ts')).prepareStep('cross-entropy'),
  },
  {
    name: 'step: BPR-max, 224 units, batch 80, 2,048 samples',
    prepare: async () => (await import('./rows/step.ts')).prepareStep('bpr-max'),
  },
  {
    name: 'step: in-batch only, 100 units, batch 32',
    prepare: async () => (await import('./rows/step.ts')).prepareStep('cross-entropy', { nSample: 0 }),
  },
  {
    name: 'kernel: rows by a matrix, 80 × 224 × 2,128',
    prepare: async () => (await import('./rows/kernels.ts')).prepareKernel('rowsTimesMatrix'),
  },
  {
    name: 'kernel: columns by rows, 2,128 × 80 × 224',
    prepare: async () => (await import('./rows/kernels.ts')).prepareKernel('columnsTimesRows'),
  },
  {
    name: 'kernel: Adagrad on 512 rows of 100',
    prepare: async () => (await import('./rows/kernels.ts')).prepareKernel('adagradOnRows'),
  },
  {
    name: 'sampler: 2,048 of 27,000 items',
    prepare: async () => (await import('./rows/sampler.ts')).prepareSampler(),
  },
  {
    name: 'batcher: an epoch of 50,000 events, batch 32',
    prepare: async () => (await import('./rows/batcher.ts')).prepareBatcher(),
  },
  {
    name: 'evaluation: full ranking, 3,000 items, 32 units',
    prepare: async () => (await import('./rows/evaluation.ts')).prepareEvaluation(),
  },
];
