/** A TensorFlow runtime that was found. Only loading it shows whether it works. */
export interface RuntimeCandidate {
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  readonly packageName: string;
  /** Folder of that package. */
  readonly directory: string;
  /** Version of the package. */
  readonly version: string;
  /** Version of libtensorflow, if a manifest says it. */
  readonly tensorflowVersion?: string;
  /** Whether it was built for a GPU. */
  readonly gpu: boolean;
  /** Installed by the user's project, or set up in the cache folder. */
  readonly origin: 'project' | 'set-up';
  /** Why it cannot be loaded, if that is known without trying. */
  readonly problem?: string;
}
