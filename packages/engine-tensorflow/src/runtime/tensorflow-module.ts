/** The part of a tfjs tensor that is used here. TensorFlow owns its memory until `dispose`. */
export interface TensorFlowTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** A copy of its values, row-major. */
  dataSync(): Float32Array | Int32Array;
  /** Releases the memory; the tensor may not be used afterwards. */
  dispose(): void;
}

/** A tensor in a SavedModel's signature. */
export interface TensorInfo {
  /** Name of its node and output, such as `step_input:0`. */
  readonly name: string;
  readonly dtype: string;
  /** TensorFlow's own name of the type, such as `DT_FLOAT`. */
  readonly tfDtype: string;
  readonly shape: readonly number[];
}

/** The backend of tfjs-node, which its asynchronous `tf.node.loadSavedModel` calls. */
export interface SavedModelBackend {
  /**
   * @param path - folder of the SavedModel.
   * @param tags - tags of the graph, separated by commas, such as `serve`.
   * @returns the id of the session.
   */
  loadSavedModelMetaGraph(path: string, tags: string): number;
  /**
   * Runs a session once.
   *
   * @param id - from `loadSavedModelMetaGraph`.
   * @param inputs - in the order of `inputTensorInfos`. The caller still disposes them.
   * @param outputOpNames - node and output of each result, such as `step_loss:0`.
   * @returns new tensors, which the caller disposes.
   */
  runSavedModel(
    id: number,
    inputs: readonly TensorFlowTensor[],
    inputTensorInfos: readonly TensorInfo[],
    outputOpNames: readonly string[],
  ): TensorFlowTensor[];
  /** Closes a session and releases its graph and variables. */
  deleteSavedModel(id: number): void;
  /** Number of tensors that the addon holds. */
  getNumOfTFTensors(): number;
  readonly binding?: { readonly TF_Version?: string };
}

/** The part of the module `@tensorflow/tfjs-node` that is used here. */
export interface TensorFlowModule {
  /** Versions by package, `tfjs-node` among them. */
  readonly version: Readonly<Record<string, string>>;
  /** A tensor with a copy of `values`, row-major, which the caller disposes. */
  tensor(
    values: Float32Array | Int32Array,
    shape: readonly number[],
    dtype: 'float32' | 'int32',
  ): TensorFlowTensor;
  /** The backend that owns the sessions of SavedModels. */
  backend(): SavedModelBackend;
  /** Number of tensors that tfjs holds. If it grows, tensors leak. */
  memory(): { readonly numTensors: number };
}
