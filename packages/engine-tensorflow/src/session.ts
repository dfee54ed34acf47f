import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SavedModelBackend, TensorFlowModule, TensorFlowTensor } from '@gru4rec/tensorflow-runtime';
import type { Ref } from './graph-writer.ts';
import { SERVE_TAG } from './messages.ts';

/** Values to feed, by the name of their placeholder. */
export interface Feed {
  readonly ref: Ref;
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** A graph that TensorFlow runs. It keeps the graph's variables until it is closed. */
export class Session {
  readonly #tensorflow: TensorFlowModule;
  readonly #backend: SavedModelBackend;
  readonly #id: number;
  #open = true;

  /** @param bytes - of a `saved_model.pb`. It is written to a temporary folder for as long as it is being read. */
  constructor(tensorflow: TensorFlowModule, bytes: Uint8Array) {
    this.#tensorflow = tensorflow;
    this.#backend = tensorflow.backend();
    const folder = mkdtempSync(join(tmpdir(), 'gru4rec-graph-'));
    try {
      writeFileSync(join(folder, 'saved_model.pb'), bytes);
      this.#id = this.#backend.loadSavedModelMetaGraph(folder, SERVE_TAG);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * One call.
   * @returns what is fetched, in fresh arrays.
   * @throws Error after `close`.
   */
  run(feeds: readonly Feed[], fetches: readonly Ref[]): (Float32Array | Int32Array)[] {
    if (!this.#open) throw new Error('run: the runtime was disposed of. Load its programs anew');
    const inputs: TensorFlowTensor[] = [];
    let outputs: readonly TensorFlowTensor[] = [];
    try {
      for (const { values, shape } of feeds) {
        const dtype = values instanceof Int32Array ? 'int32' : 'float32';
        inputs.push(this.#tensorflow.tensor(values, shape, dtype));
      }
      const names = inputs.map(({ dtype, shape }, i) => {
        const tfDtype = dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT';
        return { name: output(feeds[i]?.ref ?? ''), dtype, tfDtype, shape };
      });
      outputs = this.#backend.runSavedModel(this.#id, inputs, names, fetches.map(output));
      return outputs.map((tensor) => tensor.dataSync() as Float32Array | Int32Array);
    } finally {
      for (const tensor of [...inputs, ...outputs]) tensor.dispose();
    }
  }

  /** Frees the graph and its variables. */
  close(): void {
    if (this.#open) this.#backend.deleteSavedModel(this.#id);
    this.#open = false;
  }
}

/** The session wants the number of an output, too. */
function output(ref: Ref): string {
  return ref.includes(':') ? ref : `${ref}:0`;
}
