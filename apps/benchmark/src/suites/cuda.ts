import { fileURLToPath } from 'node:url';
import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import { goldenFolder } from '@gru4rec/test-support';
import { float32Tolerance } from '../golden/engines.ts';
import { listGoldens, runGoldenFile } from '../golden/run-folder.ts';
import { goldenLine, type SuiteFigures } from '../report.ts';
import { resized, stepShapes } from '../workload.ts';
import { measureTensorFlow, type TensorFlowOptions } from './tensorflow.ts';

/** Three shapes, and the first with larger batches, which a GPU needs to be busy. */
const configs = [...stepShapes, ...[64, 128, 256, 512].map((batchSize) => resized({ batchSize }))];

/** Repeats the recorded runs on the GPU. Then CUDA, TensorFlow on the CPU and wasm take turns. */
export async function measureCuda(options: Omit<TensorFlowOptions, 'devices'>): Promise<SuiteFigures> {
  const { tensorflow } = options.loaded;
  const engine = createTensorFlowEngine({ tensorflow, device: 'gpu' });
  const folder = fileURLToPath(goldenFolder);
  const goldens = listGoldens(folder, /./).map((name) => {
    const outcome = runGoldenFile(folder, name, engine, float32Tolerance);
    options.onTurn?.(`cuda golden ${goldenLine(outcome)}`);
    return outcome;
  });
  const comparisons = await measureTensorFlow({ ...options, configs, devices: ['gpu', 'cpu'] });
  return { goldens, comparisons };
}
