import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SavedModelBackend, TensorFlowModule, TensorFlowTensor } from '@gru4rec/tensorflow-runtime';
import type { Ref } from './graph-writer.ts';
import { SERVE_TAG } from './messages.ts';

/** A value to feed and the name of its placeholder. */
export interface Feed {
  readonly ref: Ref;
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** A session of a TensorFlow graph. It holds the graph's variables until it is closed. */
export class Session {
  readonly #tensorflow: TensorFlowModule;
  readonly #backend: SavedModelBackend;
  readonly #id: number;
  #open = true;

  /** @param bytes - of a `saved_model.pb`. They are in a temporary folder while TensorFlow reads them. */
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
   * Runs the nodes that `fetches` depend on. The values of the feeds are copied.
   * @returns the fetched values, in fresh arrays.
   * @throws Error after `close`.
   */
  run(feeds: readonly Feed[], fetches: readonly Ref[]): (Float32Array | Int32Array)[] {
    if (!this.#open) throw new Error('run: the runtime was disposed of. Load its programs again');
    const inputs: TensorFlowTensor[] = [];
    let outputs: readonly TensorFlowTensor[] = [];
    try {
      for (const { values, shape } of feeds) {
        const dtype = values instanceof Int32Array ? 'int32' : 'float32';
        inputs.push(this.#tensorflow.tensor(unshared(values), shape, dtype));
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

  /** Releases the graph and its variables. */
  close(): void {
    if (this.#open) this.#backend.deleteSavedModel(this.#id);
    this.#open = false;
  }
}

/**
 * A copy that TensorFlow will not keep. It uses the memory of a typed array whose address is a multiple of 32 or 64 bytes,
 * and copies other arrays. A variable that is assigned a shared array would change with it, and the reference to it would be
 * released on a thread of TensorFlow, which ends the process. An address that is not even a multiple of 8 is never shared.
 */
function unshared(values: Float32Array | Int32Array): Float32Array | Int32Array {
  const memory = new ArrayBuffer(4 + values.byteLength);
  const copy = values instanceof Int32Array ? new Int32Array(memory, 4) : new Float32Array(memory, 4);
  copy.set(values);
  return copy;
}

/** The session also needs the number of the output. */
function output(ref: Ref): string {
  return ref.includes(':') ? ref : `${ref}:0`;
}
