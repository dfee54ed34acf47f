import { isUtf8 } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { ConfigError, configKeys } from '@gru4rec/model';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../src/arguments/read-inputs.ts';
import { readSessionLines } from '../src/arguments/read-sessions.ts';
import { parseSettings } from '../src/arguments/settings.ts';
import { describeError } from '../src/terminal/describe-error.ts';
import { makeFolder } from './run-trainer.ts';

/** `FUZZ_CASES` sets the length of the run, `FUZZ_SEED` its seed. */
const run = {
  numRuns: Number(process.env['FUZZ_CASES'] ?? 150),
  seed: Number(process.env['FUZZ_SEED'] ?? 1),
};
vi.setConfig({ testTimeout: 20_000 + 100 * run.numRuns });

const file = join(makeFolder(afterAll), 'file');

const piece = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      ...'",\t\r\n\0\ufeff\\{}[]:é\u2028',
      ...'""|\r\n|\\ud800|null|"__proto__":1,|"session":"b",|1e999|NaN|{"a":1}|[[]]'.split('|'),
    )
    .map((text) => Buffer.from(text)),
);
/** Bytes with parts replaced. */
const changed = (sound: string) =>
  fc
    .array(fc.tuple(fc.nat(Buffer.byteLength(sound)), fc.nat(6), piece), { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce(
        (bytes, [at, removed, put]) =>
          Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]),
        Buffer.from(sound),
      ),
    );
const encoded = (sound: string) =>
  fc.oneof(
    { weight: 20, arbitrary: changed(sound) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('utf16le', 'latin1')
        .map((encoding) => Buffer.from(sound, encoding as BufferEncoding)),
    },
    { weight: 1, arbitrary: fc.constantFrom(Buffer.from(sound), Buffer.alloc(0)) },
  );

/** A reader's result, or undefined after an error of one short line that names the file. */
async function given<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    const line = describeError(error);
    expect(line).toContain(file);
    expect(line).not.toContain('\n');
    expect(line.length).toBeLessThan(2000);
    expect(line).not.toMatch(/ at \S+ \(|is not a function|Cannot (read|convert)|undefined \(/);
    return undefined;
  }
}

/** Gives many inputs to a check that returns whether the reader took one, as it does some. */
async function fuzz<T>(inputs: fc.Arbitrary<T>, takes: (input: T) => Promise<boolean>): Promise<void> {
  let taken = 0;
  const property = fc.asyncProperty(inputs, async (input) => {
    if (await takes(input)) taken++;
  });
  await fc.assert(property, run);
  expect(taken).toBeGreaterThan(0);
}

describe('readSessionLines under fuzz', () => {
  const sound = '{"session":"a","items":["1","Łódź"]}\n\n{"items":[],"session":"b","more":1}\r\n';

  async function readAll(): Promise<unknown[]> {
    const lines: unknown[] = [];
    for await (const { session, items } of readSessionLines(file)) lines.push({ session, items });
    return lines;
  }

  it('reads each line as JSON.parse does, or names the line', () =>
    fuzz(encoded(sound), async (bytes) => {
      writeFileSync(file, bytes);
      const lines = await given(readAll);
      if (lines === undefined) return false;
      expect(isUtf8(bytes)).toBe(true);
      const texts = bytes.toString('utf8').split('\n');
      const expected = texts
        .filter((text) => text.trim() !== '')
        .map((text) => {
          const { session, items } = JSON.parse(text.trim());
          return { session, items };
        });
      expect(lines).toEqual(expected);
      return true;
    }));

  it('refuses bytes that are not UTF-8, deep nesting and endless lines', async () => {
    const line = async (content: string | Buffer) => {
      writeFileSync(file, content);
      return describeError(await readAll().catch((error) => error));
    };
    expect(await line(Buffer.from('{"session":"\xff","items":[]}', 'latin1'))).toBe(
      `${file}:1: expected UTF-8, got invalid bytes`,
    );
    const deep = `{"session":${'['.repeat(1e5)}${']'.repeat(1e5)}}`;
    expect(await line(deep)).toBe(
      `${file}:1: "session" expected a string or a whole number, got a value nested too deeply`,
    );
    expect(await line(`{"session":[${'1,'.repeat(1e5)}1]}`)).toHaveLength(
      `${file}:1: "session" expected a string or a whole number, got `.length + 101,
    );
    expect(await line(`{}\n${' '.repeat(65 << 20)}`)).toMatch(/:1: "session" expected/);
    expect(await line(' '.repeat(65 << 20))).toBe(
      `The sessions ${file} cannot be read: a line has more than 64 MiB`,
    );
  });
});

describe('readConfig under fuzz', () => {
  const sound = '{"layers":[100,50],"loss":"bpr-max","learningRate":0.05,"embedding":0,"finalAct":"elu-0.5"}';

  it('reads a configuration or names the file', () =>
    fuzz(encoded(sound), async (bytes) => {
      writeFileSync(file, bytes);
      const config = await given(() => readConfig(file, {}));
      if (config === undefined) return false;
      const text = bytes.toString('utf8').replace(/^\ufeff/, '');
      const { layers = [100], learningRate = 0.05 } = JSON.parse(text);
      expect([config.layers, config.learningRate]).toEqual([layers, learningRate]);
      return true;
    }));
});

describe('parseSettings under fuzz', () => {
  const key = fc.constantFrom(...configKeys, '__proto__', 'constructor', ' layers', '');
  const odd = '1 -1 1e999 0x10 [1,2 1,,2 true TRUE ∞ 1_0 ٣'.split(' ');
  const text = fc.oneof(fc.constantFrom(...odd, ' 5 ', '9'.repeat(400)), fc.string({ unit: 'binary' }));

  it('gives settings that a configuration accepts or refuses', () =>
    fuzz(fc.tuple(key, text), async ([name, value]) => {
      try {
        await readConfig(undefined, parseSettings([`${name}=${value}`]));
        return true;
      } catch (error) {
        expect(error instanceof UsageError || error instanceof ConfigError).toBe(true);
        expect(describeError(error)).not.toContain('\n');
        return false;
      }
    }));
});
