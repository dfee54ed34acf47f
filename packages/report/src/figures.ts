/** Four digits after the point: recall, MRR, nDCG. */
export function fraction(value: number): string {
  return value.toFixed(4);
}

/** `0.2811–0.2930` */
export function formatInterval([lower, upper]: readonly [number, number]): string {
  return `${fraction(lower)}–${fraction(upper)}`;
}

/** Three digits after the point, a fourth where they would hide that p is below 0.05; `< 0.001` below that. */
export function formatP(p: number): string {
  if (p < 0.001) return '< 0.001';
  return p < 0.05 && p >= 0.0495 ? p.toFixed(4) : p.toFixed(3);
}

/** `12.3 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Three significant digits. */
export function threeDigits(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

/** `0.12 s`, `12.3 s`, `4.2 min`, `1.5 h` */
export function formatSeconds(seconds: number): string {
  if (seconds >= 3600) return `${(seconds / 3600).toFixed(1)} h`;
  if (seconds >= 60) return `${(seconds / 60).toFixed(1)} min`;
  return seconds >= 1 ? `${seconds.toFixed(1)} s` : `${Number(seconds.toPrecision(2))} s`;
}

/** `0.12 MiB`, `12.3 MiB`, `1.5 GiB` */
export function formatMiB(mebibytes: number): string {
  if (mebibytes >= 1024) return `${(mebibytes / 1024).toFixed(1)} GiB`;
  return mebibytes >= 1 ? `${mebibytes.toFixed(1)} MiB` : `${Number(mebibytes.toPrecision(2))} MiB`;
}

/** Rounded, with separators. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `950`, `12k`, `3.4M`: for the little room below an axis. */
export function short(value: number): string {
  if (value >= 999_500) return `${threeDigits(value / 1e6)}M`;
  return value >= 1000 ? `${threeDigits(value / 1000)}k` : String(value);
}
