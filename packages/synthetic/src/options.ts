import type { Seed } from '@gru4rec/random';

/** Size and seed of a log. Equal options give byte-identical logs. */
export interface ShopLogOptions {
  /** Number of rows, at most 10⁹. Default: 100,000. */
  readonly events?: number;
  /** Number of items in the shop, 10 to 10⁷. Default: 3,000. A short log does not contain all of them. */
  readonly items?: number;
  /** Number of days that the log covers, at most 3,650. Default: 30. */
  readonly days?: number;
  readonly seed: Seed;
}

/** Options with every default filled in. */
export type ShopLogSettings = Required<ShopLogOptions>;

/** Fills in the defaults. */
export function toSettings(options: ShopLogOptions): ShopLogSettings {
  return { events: 100_000, items: 3_000, days: 30, ...options };
}
