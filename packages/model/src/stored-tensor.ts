import type { VariableKind } from '@gru4rec/program';

/** A named value of a trained model, row-major float32. */
export interface StoredTensor {
  readonly name: string;
  readonly kind: VariableKind;
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}
