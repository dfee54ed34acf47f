import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Outcome } from './run-trainer.ts';

/** Adds the SHA-256 of the JSON without `key`, as someone who forges the file would. */
export function sealAgain(value: object, key: string): string {
  const content = Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  const checksum = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return JSON.stringify({ ...content, [key]: checksum });
}

/** Expects an answer or an error of one line that names the file. */
export function expectAnswerOrLine({ code, stdout, stderr }: Outcome, file: string, label: string): void {
  expect(`${label}\n${stdout}${stderr}`).not.toMatch(/Unexpected error|undefined|\[object|\n\s+at /);
  // NaN from the file itself may be shown.
  if (!label.includes('NaN')) expect(`${label}\n${stdout}${stderr}`).not.toMatch(/\bNaN\b/);
  if (code === 0) return;
  const lines = stderr.trimEnd().split('\n');
  const last = lines.findLast((line) => !line.startsWith('See trainer')) ?? '';
  expect(`${label}\n${last}`).toContain(file);
  expect(last.length).toBeLessThan(file.length + 600);
}
