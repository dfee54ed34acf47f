/** A version that was loaded or could not be, except those that a learner publishes. */
export interface ModelLoad {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly model: string;
  readonly version: string | null;
  readonly error: string | null;
}

/** An item that the model did not know when it was first clicked, or that was added to it without a training. */
export interface NewItem {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly firstClickMs: number;
  readonly clicked: number;
  /** Lists of recommendations that it was in. */
  readonly listed: number;
}

/** What `/v1/history` says: per figure, a number per sample. */
export interface HistoryReport extends Record<'answersPerSecond' | 'atMs', readonly number[]> {
  readonly everyMs: number;
  readonly p99Ms: readonly (number | null)[];
  readonly recall: readonly { readonly model: string; readonly values: readonly (number | null)[] }[];
  /** Undefined if nothing learns. */
  readonly guard: Record<'learner' | 'frozen', readonly (number | null)[]> | undefined;
  readonly loads: readonly ModelLoad[];
  readonly newItems: readonly (NewItem & { readonly title: string | undefined; readonly known: boolean })[];
}
