export function fraction(value: number): string {
  return value.toFixed(4);
}

export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${fraction(Math.abs(value))}`;
}

export function formatInterval([lower, upper]: readonly [number, number]): string {
  return `${fraction(lower)}–${fraction(upper)}`;
}

/** A p-value with three decimals, or four if three would hide that it is below 0.05; `< 0.001` for smaller ones. */
export function formatP(p: number): string {
  if (p < 0.001) return '< 0.001';
  return p < 0.05 && p >= 0.0495 ? p.toFixed(4) : p.toFixed(3);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function threeDigits(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

/** The format of a column: one unit, and the same number of decimals for every number. */
export interface Quantity {
  readonly unit: string;
  readonly size: number;
  readonly format: (value: number) => string;
}

/** Seconds, or minutes or hours if every value is at least one. */
export function secondsAlike(values: readonly number[]): Quantity {
  const least = Math.min(...values);
  if (least >= 3600) return quantity('h', 3600, values);
  return least >= 60 ? quantity('min', 60, values) : quantity('s', 1, values);
}

/** MiB, or GiB if every value is at least one. */
export function memoryAlike(values: readonly number[]): Quantity {
  return Math.min(...values) >= 1024 ? quantity('GiB', 1024, values) : quantity('MiB', 1, values);
}

function quantity(unit: string, size: number, values: readonly number[]): Quantity {
  const format = alike(values.map((value) => value / size));
  return { unit, size, format: (value) => format(value / size) };
}

/** As many decimals as give the largest three digits. What would round to 0 becomes a bound, `< 0.1`. */
export function alike(values: readonly number[]): (value: number) => string {
  const most = Math.max(...values);
  const decimals = most >= 10 ? 1 : most >= 1 ? 2 : 3;
  const step = 10 ** -decimals;
  return (value) => (value > 0 && value < step / 2 ? `< ${step}` : withDecimals(value, decimals));
}

export function ratio(value: number): string {
  return withDecimals(value, 2);
}

/** Formatters by number of decimals. Creating one takes longer than formatting a thousand numbers. */
const FORMATS: Intl.NumberFormat[] = [];

export function withDecimals(value: number, decimals: number): string {
  FORMATS[decimals] ??= new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return FORMATS[decimals].format(value);
}

export function whole(value: number): string {
  return withDecimals(Math.round(value), 0);
}

export function countsAlike(counts: readonly number[]): (count: number) => string {
  const most = Math.max(...counts);
  const [size, unit] = most < 1e6 ? [1, ''] : most < 1e9 ? [1e3, 'k'] : [1e6, 'M'];
  return (count) => (count > 0 && count < size / 2 ? `< 1${unit}` : `${whole(count / size)}${unit}`);
}

/** `0.01`, `100`, `1k`, `3.4M`: a tick of a logarithmic axis. */
export function short(value: number): string {
  if (value >= 999_500) return `${threeDigits(value / 1e6)}M`;
  return value >= 1000 ? `${threeDigits(value / 1000)}k` : String(value);
}
