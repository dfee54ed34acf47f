import { createWasmEngine, train } from 'gru4rec';

/** Two sessions on three items. */
export const data = {
  itemIds: ['shoe', 'sock', 'hat'],
  support: Int32Array.of(2, 2, 1),
  train: {
    sessionOffsets: Int32Array.of(0, 3, 5),
    items: Int32Array.of(0, 1, 2, 0, 1),
    sessionStartTimes: Float64Array.of(1, 2),
  },
};

/** Trains a small model of {@link data} and writes it into a folder. */
export async function saveModel(folder: string): Promise<void> {
  const config = { layers: [4], batchSize: 2, nSample: 0, nEpochs: 1 };
  const model = await train(data, config, { engine: createWasmEngine({ threads: 1 }) });
  await model.save(folder);
}
