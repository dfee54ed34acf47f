/** A TensorFlow runtime that was found; whether it loads is another question. */
export interface RuntimeCandidate {
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  readonly packageName: string;
  /** Folder of that package. */
  readonly directory: string;
  /** Of the package. */
  readonly version: string;
  /** Of libtensorflow, where a manifest says it. */
  readonly tensorflowVersion?: string;
  /** Whether it was made for a GPU. */
  readonly gpu: boolean;
  /** Installed by the user's project, or set up in the cache folder. */
  readonly origin: 'project' | 'set-up';
  /** Why it cannot be loaded, where that is plain without trying. */
  readonly problem?: string;
}
