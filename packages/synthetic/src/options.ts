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

/**
 * Fills in the defaults and checks the numbers. The first random stream checks the seed.
 *
 * @throws RangeError if a number is outside its range.
 */
export function toSettings({
  events = 100_000,
  items = 3_000,
  days = 30,
  seed,
}: ShopLogOptions): ShopLogSettings {
  checkInteger('events', events, 1, 1e9);
  checkInteger('items', items, 10, 1e7);
  checkInteger('days', days, 1, 3_650);
  return { events, items, days, seed };
}

/** @throws RangeError if `value` is not an integer in [min, max]. */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`generateShopLog: "${name}" expected integer in [${min}, ${max}], got ${value}.`);
}
