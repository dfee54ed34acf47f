import { UsageError } from './usage-error.ts';

/**
 * A number of bytes as a command line gives it: `500MB` is 500,000,000 bytes, `1GiB` is 2³⁰.
 *
 * @param name - of the option.
 * @throws UsageError if it is no such size.
 */
export function parseSize(name: string, value: string): number {
  const [, amount, prefix = '', binary] = /^(\d+(?:\.\d+)?) ?([KMGT])(i?)B$/i.exec(value) ?? [];
  const exponent = 1 + 'KMGT'.indexOf(prefix.toUpperCase());
  const bytes = Math.floor(Number(amount) * (binary ? 1024 : 1000) ** exponent);
  if (amount !== undefined && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(`--${name} expected a size such as 500MB or 50GB, got ${JSON.stringify(value)}`);
}
