import type { Seed } from '@gru4rec/random';

/** Which log to make. Equal options give the same log, byte for byte. */
export interface ShopLogOptions {
  /** Number of rows: 100,000 if not given, 10⁹ at most. */
  readonly events?: number;
  /** Items on offer: 3,000 if not given, 10⁷ at most. A short log does not click all of them. */
  readonly items?: number;
  /** Days that the log spans: 30 if not given. */
  readonly days?: number;
  readonly seed: Seed;
}

/** Options with every default filled in. */
export type ShopLogSettings = Required<ShopLogOptions>;

/**
 * Fills in the defaults and checks, once, at the public boundary. The seed is checked by its first stream.
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

/** @throws RangeError if `value` is no integer in [min, max]. */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`generateShopLog: "${name}" expected integer in [${min}, ${max}], got ${value}.`);
}
