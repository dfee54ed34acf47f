import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { show } from '@gru4rec/checks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLearner } from '../../src/learning/learner-folder.ts';
import { testFolder } from '../tiny-server.ts';
import { clickLine, engine, Log, openLearnerOf, request, saveWalker, settings, walks } from './learnt-log.ts';

type Tree = Record<string, unknown>;

const folder = testFolder(afterAll);
const output = join(folder, 'learnt');
const file = join(output, 'learner.bin');
let saved: Tree;

/** A folder whose state has something in every field. */
beforeAll(async () => {
  const directory = join(folder, 'model');
  await saveWalker(directory, { clickFeatures: ['Type', 'device'], clickFeatureScale: 1 });
  const [log, other] = ['events', 'other'].map((name) => new Log(join(folder, name))) as [Log, Log];
  other.append([clickLine('one', 'i1')]);
  const lines = walks(21, 1).flatMap((walk, at) =>
    [...walk, -1].map((item) => clickLine(`s${at}`, `i${item}`)),
  );
  log.append(lines.map((line) => line.replace('}', ',"device":"phone"}')));
  const others = [other.directory];
  const learner = await openLearnerOf(log, { directory, output, others, settings });
  await learner.take({ ...request, to: log.end, save: true });
  learner.close();
  const at = '2026-05-01T00:00:00.000Z';
  const stop = { reason: 'behind', message: 'why', at, until: at, stops: 1, isOver: true };
  saved = { ...(deserialize(readFileSync(file).subarray(32)) as Tree), stop };
});

/** Writes a state with a right checksum. */
function forge(value: unknown): void {
  const content = serialize(value);
  writeFileSync(file, Buffer.concat([createHash('sha256').update(content).digest(), content]));
}

const open = () => openLearner(output, engine, settings);

/** Numbers that may have any finite value. */
const FREE = /^clock/;
/** What a state may lack. */
const OPTIONAL = ['others', 'stop', 'stop.until'];
/** Some bytes that take 4·10⁹ values. */
const SPARSE = new Array(2 ** 32 - 1);

/** What no field of this value may be. */
function wrongValues(path: string, value: unknown): unknown[] {
  const others = [null, 'text', Number.NaN, SPARSE];
  const isFree = FREE.test(path);
  if (typeof value === 'string') return [...others.filter((one) => one !== 'text'), 7];
  if (typeof value === 'number') return [...others, Infinity, '1', ...(isFree ? [] : [-2, 1e300])];
  if (Array.isArray(value)) return others;
  if (value instanceof Map) return [...others, new Map([[1, -1]]), new Map([[99, 1]])];
  return [...others, 5];
}

/** Every field of a state, with its path, but those of the learner, which the checksum covers. */
function* fieldsOf(value: unknown, path: string[] = []): Generator<readonly [string[], unknown]> {
  if (path[0] === 'learner') return;
  if (path.length > 0) yield [path, value];
  if (typeof value !== 'object' || value === null || value instanceof Map) return;
  // Elements of a list are alike.
  const parts = Array.isArray(value) ? Object.entries(value.slice(0, 1)) : Object.entries(value);
  for (const [key, part] of parts) yield* fieldsOf(part, [...path, key]);
}

/** A copy of the state with another value, or without one, in a field. */
function withField(path: readonly string[], wrong: unknown): Tree {
  const copy = structuredClone(saved);
  const owner = path.slice(0, -1).reduce((at, key) => at[key] as Tree, copy);
  const key = path.at(-1) ?? '';
  if (wrong === undefined) delete owner[key];
  else owner[key] = wrong;
  return copy;
}

describe('openLearner', () => {
  it('reads what was saved', async () => {
    forge(saved);
    expect((await open())?.saved).toEqual({ ...saved, format: undefined });
    expect(saved['others']).toHaveLength(1);
  });

  it('refuses every field that is missing, of another kind, length or range with a line that names file and field', async () => {
    const accepted: string[] = [];
    let forged = 0;
    for (const [path, value] of fieldsOf(saved)) {
      const name = path.join('.');
      const missing = OPTIONAL.includes(name) || /\d$/.test(name) ? [] : [undefined];
      for (const wrong of [...missing, ...wrongValues(name, value)]) {
        forged++;
        forge(withField(path, wrong));
        const error: unknown = await open().then(
          () => undefined,
          (cause) => cause,
        );
        const text = error instanceof Error ? error.message : 'accepted';
        const isRight =
          text.startsWith(`${file} is damaged: "${path[0]}`) &&
          /expected .+, got .+ delete it to begin anew$/s.test(text);
        if (!isRight) accepted.push(`${name} = ${Array.isArray(wrong) ? 'a list' : show(wrong)}: ${text}`);
      }
    }
    expect(accepted).toEqual([]);
    expect(forged).toBeGreaterThan(100);
  }, 60_000);

  it.each([
    ['no object', () => forge(7), '"" expected an object, got 7'],
    ['no learner', () => forge({ ...saved, learner: undefined }), '"learner" expected a state, got nothing'],
    [
      'what cannot be decoded',
      () => {
        const content = Buffer.from('none');
        writeFileSync(file, Buffer.concat([createHash('sha256').update(content).digest(), content]));
      },
      '"" expected an object, got nothing',
    ],
    ['an empty file', () => writeFileSync(file, ''), 'it differs from its checksum'],
    [
      'more than a model can need, before it is read',
      () => {
        forge(saved);
        truncateSync(file, 2 ** 33);
      },
      'expected at most',
    ],
  ])('refuses %s', async (_, write, problem) => {
    write();
    await expect(open()).rejects.toThrow(`${file} is damaged: ${problem}`);
  });
});
