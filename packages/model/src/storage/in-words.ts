const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size such as `1.5 GiB`; TiB is the largest unit. */
export function inWords(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(bytes) / 10)));
  const amount = bytes / 2 ** (10 * power);
  return `${amount.toLocaleString('en-US', { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`;
}
