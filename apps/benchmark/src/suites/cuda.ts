import { fileURLToPath } from 'node:url';
import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import { goldenFolder } from '@gru4rec/test-support';
import type { ComparisonRow } from '../comparison.ts';
import { float32Tolerance } from '../golden/engines.ts';
import { type GoldenOutcome, listGoldens, runGoldenFile } from '../golden/run-folder.ts';
import { resized, stepShapes } from '../workload.ts';
import { measureTensorFlow, type TensorFlowOptions } from './tensorflow.ts';

/** The figures of a machine with a GPU. */
export interface CudaResult {
  readonly goldens: readonly GoldenOutcome[];
  readonly rows: readonly ComparisonRow[];
}

/** Three shapes, and the first with larger batches, which a GPU needs to be busy. */
const configs = [...stepShapes, ...[64, 128, 256, 512].map((batchSize) => resized({ batchSize }))];

/** Repeats the recorded runs on the GPU. Then CUDA, TensorFlow on the CPU and wasm take turns. */
export async function measureCuda(options: Omit<TensorFlowOptions, 'devices'>): Promise<CudaResult> {
  const { tensorflow } = options.loaded;
  const engine = createTensorFlowEngine({ tensorflow, device: 'gpu' });
  const folder = fileURLToPath(goldenFolder);
  const goldens = listGoldens(folder, /./).map((name) => {
    const outcome = runGoldenFile(folder, name, engine, float32Tolerance);
    options.onTurn?.(`cuda golden ${name}: ${outcome.text}  ${outcome.passed ? 'pass' : 'FAIL'}`);
    return outcome;
  });
  const rows = await measureTensorFlow({ ...options, configs, devices: ['gpu', 'cpu'] });
  return { goldens, rows };
}
