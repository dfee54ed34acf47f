import type { ModelConfig } from '@gru4rec/model';
import type { KernelChoice, NamedEngine } from '../engines/engines.ts';

/** What a trial process is told: everything, so that it needs no command line. */
export interface TrialJob {
  /** Folder of the dataset. */
  readonly data: string;
  readonly config: ModelConfig;
  readonly engine: NamedEngine;
  readonly threads: number | undefined;
  /** Of wasm. */
  readonly kernels: KernelChoice;
}

/** What a trial process says: the validation metric after each epoch, then that it is done, or why not. */
export type TrialMessage =
  | { readonly kind: 'epoch'; readonly epoch: number; readonly value: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };
