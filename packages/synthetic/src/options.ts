import { anything, checkOptions, integer, type OptionChecks, required } from '@gru4rec/checked-options';
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

const checks: OptionChecks<ShopLogOptions> = {
  events: integer(1, 1e9),
  items: integer(10, 1e7),
  days: integer(1, 3650),
  seed: required(anything),
};

/**
 * Fills in the defaults and checks the numbers. The first random stream checks the seed.
 *
 * @throws TypeError if an option is unknown or the seed is missing.
 * @throws RangeError if a number is outside its range.
 */
export function toSettings(options: ShopLogOptions): ShopLogSettings {
  checkOptions('generateShopLog', options, checks);
  const { events = 100_000, items = 3_000, days = 30, seed } = options;
  return { events, items, days, seed };
}
