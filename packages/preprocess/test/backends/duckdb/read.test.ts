import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { isPlainText } from '../../../src/backends/duckdb/read.ts';

const file = join(testFolder(), 'log.csv');

async function isPlain(content: string | Buffer): Promise<boolean> {
  writeFileSync(file, content);
  return isPlainText(file);
}

describe('isPlainText', () => {
  it.each(['', 'a,b\n', 'a\r\nb\r\n', 'é👟\n', '\ufeffa\n'])('accepts %j', async (text) => {
    expect(await isPlain(text)).toBe(true);
  });

  it.each(['a\0b', 'a\rb\n', 'a\r', 'a\r\r\n'])('refuses %j', async (text) => {
    expect(await isPlain(text)).toBe(false);
  });

  it('refuses lines of 2 MiB', async () => {
    expect(await isPlain(`a\n${'x'.repeat((1 << 20) - 3)}\n`)).toBe(true);
    expect(await isPlain(`a\n${'x'.repeat(2 << 20)}\n`)).toBe(false);
  });

  it('recognises UTF-8 and line ends across chunks', async () => {
    for (const end of ['\r\n', 'é', '€', '👟']) {
      for (let shift = 0; shift < 6; shift++) {
        const text = `\n${'x'.repeat((1 << 20) - 1 - shift)}${end}`;
        expect(await isPlain(text)).toBe(true);
        expect(await isPlain(Buffer.from(text).subarray(0, -1))).toBe(false);
        expect(await isPlain(Buffer.concat([Buffer.from(text), Buffer.from([0x80])]))).toBe(false);
      }
    }
  });
});
