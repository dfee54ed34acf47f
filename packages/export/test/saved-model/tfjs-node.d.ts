/**
 * The API of tfjs-node that the example server uses, from its documentation. The package is not installed here,
 * because `gru4rec setup tensorflow` sets up its library.
 */
declare module '@tensorflow/tfjs-node' {
  export interface Tensor {
    dataSync(): Float32Array | Int32Array;
    dispose(): void;
  }
  export interface TFSavedModel {
    predict(inputs: Record<string, Tensor>): Record<string, Tensor>;
    dispose(): void;
  }
  export interface MetaGraph {
    readonly tags: readonly string[];
    readonly signatureDefs: Record<
      string,
      { readonly inputs: Record<string, { readonly shape: readonly unknown[] }> }
    >;
  }
  export const node: {
    loadSavedModel(path: string): Promise<TFSavedModel>;
    getMetaGraphsFromSavedModel(path: string): Promise<[MetaGraph, ...MetaGraph[]]>;
  };
  export function tensor(
    values: Float32Array | Int32Array,
    shape: readonly number[],
    dtype?: 'float32' | 'int32',
  ): Tensor;
  export function tidy<T>(compute: () => T): T;
}
