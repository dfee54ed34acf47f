import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import type { StoredModel } from '@gru4rec/model';
import { buildTrainProgram } from '@gru4rec/model/programs';
import { count } from '../terminal/progress.ts';

/** The kernel calls of a training step as lines, without features of items and clicks. */
export function listStep(
  model: Pick<StoredModel, 'config' | 'itemIds'>,
  threads: number | undefined,
): string[] {
  const { config, itemIds } = model;
  const program = buildTrainProgram(config, itemIds.length);
  const { kernels: native } = findNativeKernels();
  const runtime = createWasmEngine({ threads, native }).load([program]);
  const lines = runtime.listing(program.name);
  const barriers = lines.filter((line) => line.startsWith('BARRIER')).length;
  const { loss, batchSize, nSample, layers } = config;
  const head =
    `A step of ${loss}: ${batchSize} slots, ${nSample} samples, layers ${layers.join(', ')}, ${count(itemIds.length, 'item')}; ` +
    `${count(lines.length - barriers, 'call')}, ${count(barriers, 'barrier')}, ${count(runtime.memoryBytes, 'byte')}`;
  runtime.dispose();
  return [
    head,
    `     ${'kernel'.padEnd(20)} ${'threads'.padEnd(10)} arguments`,
    ...lines.map((line, at) => `${String(at + 1).padStart(4)} ${line}`),
  ];
}
