import type { ModelConfig } from '@gru4rec/model';
import type { EngineChoice } from '../arguments/engines.ts';

/** The message that starts a trial. It has all settings, so that the process needs no command line. */
export interface TrialJob {
  /** Folder of the dataset. */
  readonly data: string;
  readonly config: ModelConfig;
  readonly engine: EngineChoice;
  readonly threads: number | undefined;
}

/** Messages of a trial: the validation metric after each epoch, then success or failure. */
export type TrialMessage =
  | { readonly kind: 'epoch'; readonly epoch: number; readonly value: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };
