import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { evaluate, type Scorer, type SessionArrays } from '@gru4rec/metrics';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { joinPrefixes, leaveOut, periods, prefixFiles, splitFiles } from '../../src/field/protocols.ts';
import { pickle, prefixesOf } from './published-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'field-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const ITEMS = 8;
const texts = (...sessions: string[]) => sessions.map((session) => session.split(' '));
const numbers = (...sessions: string[]) => texts(...sessions).map((items) => items.map(Number));

/** Scores that depend on all items of a session and their order. */
const scorer: Scorer = {
  ...{ name: 'hash', itemCount: ITEMS },
  open(slots) {
    const states = new Float64Array(slots);
    const step = (input: Int32Array, resetMask: Float32Array) => {
      for (let slot = 0; slot < slots; slot++) {
        states[slot] =
          ((resetMask[slot] === 1 ? 1 : Number(states[slot]) * 31) + Number(input[slot]) + 1) % 9973;
      }
      return Float64Array.from({ length: slots * ITEMS }, (_, place) => {
        return (Number(states[Math.floor(place / ITEMS)]) * ((place % ITEMS) + 5)) % 101;
      });
    };
    return { step, close: () => undefined };
  },
};

const arraysOf = (sessions: readonly number[][]): SessionArrays => ({
  sessionOffsets: Int32Array.from([0, ...sessions.map((_, at) => sessions.slice(0, at + 1).flat().length)]),
  items: Int32Array.from(sessions.flat()),
});

describe('published files', () => {
  it('splitFiles drops sessions of one click and test items that training lacks', () => {
    const head = 'SessionId\tItemId\tCatId\tTime';
    const train = file(
      'train.txt',
      [head, '2\ta\t0\t5.5', '1\tb\t0\t1', '1\ta\t0\t2', '2\tc\t0\t5.1', '3\td\t0\t9'].join('\n'),
    );
    const test = file(
      'test.txt',
      `${[head, '7\ta\t0\t1', '7\td\t0\t2', '7\tc\t0\t3', '8\tb\t0\t4'].join('\r\n')}\r\n`,
    );
    expect(splitFiles([train, test])).toEqual([{ learn: texts('b a', 'c a'), predict: texts('a c') }]);
  });

  it('prefixFiles reads pickles', () => {
    const train = file('all_train_seq.txt', pickle(numbers('1 2 300', '2 70000')));
    file('test.pickle.gz', gzipSync(pickle(prefixesOf(numbers('1 300 2', '2 70000')), true)));
    expect(prefixFiles([train, join(folder, 'test.pickle')])).toEqual([
      { learn: texts('1 2 300', '2 70000'), predict: texts('1 300 2', '2 70000') },
    ]);
  });

  it('joined sessions are predicted as prefixes that are sessions of their own', () => {
    const all = fc.array(fc.array(fc.nat(ITEMS - 1), { minLength: 2, maxLength: 6 }), { minLength: 1 });
    const property = fc.property(all, (sessions) => {
      const [prefixes, targets] = prefixesOf(sessions);
      const options = { cutoffs: [1, 3], tieRule: 'standard', lists: false } as const;
      const own = arraysOf(prefixes.map((prefix, at) => [...prefix, Number(targets[at])]));
      const apart = evaluate(scorer, own, { ...options, protocol: 'last' });
      expect(joinPrefixes(prefixes, targets)).toEqual(sessions);
      const joined = evaluate(scorer, arraysOf(sessions), options);
      expect(joined.predictions).toBe(prefixes.length);
      for (const [at, { recall, mrr }] of joined.results.entries()) {
        expect(recall).toBeCloseTo(Number(apart.results[at]?.recall), 12);
        expect(mrr).toBeCloseTo(Number(apart.results[at]?.mrr), 12);
      }
    });
    fc.assert(property);
  });

  it('leaveOut predicts the last item of each user, and makes a miss of one that was not learnt', () => {
    const path = file('Beauty.txt', '1 a b c d\n2 b c a e\n3 d a b c\n');
    const attributes = file('attributes.json', '{"a": [1, 2], "b": [2]}');
    const [all] = leaveOut(1)([path]);
    expect(all?.learn.map((items) => items.join('')).toSorted()).toEqual(['abc', 'bca', 'dab']);
    const predict = texts('a b c d', 'b c a a', 'd a b c');
    expect(all).toMatchObject({ predict });
    // The last item but one is not learnt, but known to the prediction.
    const [strict] = leaveOut(2)([path, attributes]);
    expect(strict?.learn.map((items) => items.join('')).toSorted()).toEqual(['ab', 'bc', 'da']);
    expect(strict).toMatchObject({ predict, attributes: { a: [1, 2], b: [2] } });
  });

  it('periods drops items of no earlier period, then sessions of one item', () => {
    const paths = ['1 a\n2 b\n1 b\n2 c\n', '3 a\n4 d\n3 d\n4 b\n3 c\n', '5 d\n5 a\n'].map((text, at) =>
      file(`period_${at}.txt`, text),
    );
    const stages = [
      { learn: texts('a b', 'b c'), predict: texts('a c') },
      { learn: texts('a d c', 'd b'), predict: texts('d a') },
    ];
    expect(periods(1)(paths)).toEqual(stages);
    const anew = stages.map(({ predict }, at) => ({
      ...{ predict, anew: true, learn: stages.slice(0, at + 1).flatMap(({ learn }) => learn) },
    }));
    expect(periods(1, 'anew')(paths)).toEqual(anew);
    const [first, second] = periods(1, 'once')(paths);
    expect(first).toEqual(stages[0]);
    expect(second).toMatchObject(stages[1] ?? {});
    expect(second?.clicks?.map(({ session, item, timeMs }) => [session, item, timeMs / 86_400_000])).toEqual([
      ['3', 'a', 0],
      ['4', 'd', 0.2],
      ['3', 'd', 0.4],
      ['4', 'b', 0.6],
      ['3', 'c', 0.8],
    ]);
  });
});
