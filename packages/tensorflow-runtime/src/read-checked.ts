import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { checkJson } from '@gru4rec/checked-json';
import type { z } from 'zod';

/** A package.json or manifest has a few kilobytes. */
const MAX_BYTES = 1 << 20;

/**
 * Reads a JSON file and checks it against a schema.
 *
 * @throws Error naming the file if it does not exist, is not a file, is larger than 1 MiB, is not JSON or does not
 *   match.
 */
export function readChecked<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  const name = basename(file);
  const found = statSync(file);
  if (!found.isFile()) throw new Error(`${name} is not a file`);
  if (found.size > MAX_BYTES) throw new Error(`${name} expected at most 1 MiB, got ${found.size} bytes`);
  return checkJson(schema, parse(name, readFileSync(file, 'utf8')), ({ path, expected, got }) => {
    return new Error(`${name} ${path === '' ? '' : `"${path}" `}expected ${expected}, got ${got}`);
  });
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${name} is not JSON`, { cause });
  }
}
