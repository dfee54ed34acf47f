import type { TensorFlowModule, TensorFlowTensor } from '@gru4rec/tensorflow-runtime';
import { ServedHistory } from '../drawn-models.ts';

type Tensors = Record<string, TensorFlowTensor>;

/** The API of tfjs-node for SavedModels, from its documentation. */
interface PublicApi {
  readonly node: {
    loadSavedModel(path: string): Promise<{
      readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
      predict(inputs: Tensors): Tensors;
      dispose(): void;
    }>;
  };
}

/** Parallel sessions in a SavedModel, which stores no states. */
export interface ServedSavedModel {
  /** Processes one more event per session; a session that starts has zero states. */
  step(input: Int32Array, resetMask: Float32Array): Record<string, Float32Array | Int32Array>;
  close(): void;
}

/** Opens a SavedModel through tfjs-node's public functions. */
export async function openSavedModel(
  tensorflow: TensorFlowModule,
  folder: string,
  slots: number,
): Promise<ServedSavedModel> {
  const model = await (tensorflow as unknown as PublicApi).node.loadSavedModel(folder);
  let states: Record<string, Float32Array> = {};
  let history: ServedHistory | undefined;
  return {
    step(input, resetMask) {
      const inputs: Tensors = { item: tensorflow.tensor(input, [slots], 'int32') };
      for (const { name, shape } of model.inputs) {
        if (name.startsWith('item')) continue;
        const [key = ''] = name.split('/', 1);
        const units = Number(shape[1]);
        if (key === 'history') {
          history ??= new ServedHistory(slots, units);
          inputs[key] = tensorflow.tensor(history.follow(input, resetMask), [slots, units], 'int32');
          continue;
        }
        const values = states[key] ?? new Float32Array(slots * units);
        const kept = values.map((value, i) => (resetMask[Math.floor(i / units)] ? 0 : value));
        inputs[key] = tensorflow.tensor(kept, [slots, units], 'float32');
      }
      const outputs = model.predict(inputs);
      const values = Object.entries(outputs).map(([name, t]): [string, Float32Array | Int32Array] => [
        name,
        t.dataSync() as Float32Array | Int32Array,
      ]);
      for (const tensor of [...Object.values(inputs), ...Object.values(outputs)]) tensor.dispose();
      const found = Object.fromEntries(values);
      states = Object.fromEntries(
        Object.keys(inputs).flatMap((name) =>
          name === 'item' || name === 'history' ? [] : [[name, found[`${name}_next`] as Float32Array]],
        ),
      );
      return found;
    },
    close: () => model.dispose(),
  };
}
