import { MAX_SETTINGS_BYTES, readBoundedText } from '../arguments/read-bounded.ts';

/**
 * Reads bearer tokens: one per line; blank lines and lines that begin with `#` are ignored.
 * @throws Error naming the file, but no token.
 */
export async function readTokens(file: string): Promise<readonly string[]> {
  const text = await readBoundedText(file, MAX_SETTINGS_BYTES).catch((cause) => {
    throw new Error(`The tokens ${file} cannot be read`, { cause });
  });
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const tokens = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (tokens.length === 0) throw new Error(`The tokens ${file} expected one per line, got none`);
  // Characters of RFC 6750; others cannot be sent.
  const wrong = lines.findIndex((line) => tokens.includes(line) && !/^[\w.~+/-]+=*$/.test(line));
  if (wrong >= 0) throw new Error(`${file}:${wrong + 1}: a token expected letters, digits and -._~+/ only`);
  return tokens;
}
