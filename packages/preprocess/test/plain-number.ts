/** A number's fewest digits, without an exponent: `1000000000000000000000` for 1e21. */
export function plainNumber(value: number): string {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = `${whole}${fraction}`;
  const point = 1 + Number(exponent);
  const sign = value < 0 ? '-' : '';
  if (point >= digits.length)
    return value === 0 ? '0' : `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
