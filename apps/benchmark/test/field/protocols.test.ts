import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPickle } from '../../src/field/pickle.ts';
import { joinPrefixes, leaveOut, periods, prefixFiles, splitFiles } from '../../src/field/protocols.ts';

const folder = testFolder();

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const texts = (...sessions: string[]) => sessions.map((session) => session.split(' '));

it('splitFiles drops sessions of one click and test items that training lacks', () => {
  const head = 'SessionId\tItemId\tCatId\tTime\n';
  const train = file('train.txt', `${head}2\ta\t0\t5.5\n1\tb\t0\t1\n1\ta\t0\t2\n2\tc\t0\t5.1\n3\td\t0\t9`);
  const test = file('test.txt', `${head}7\ta\t0\t1\r\n7\td\t0\t2\r\n7\tc\t0\t3\r\n8\tb\t0\t4\r\n`);
  expect(splitFiles([train, test])).toEqual([{ learn: texts('b a', 'c a'), predict: texts('a c') }]);
});

it('prefixFiles reads what Python pickled, and no pickle that could call anything', () => {
  // pickle.dumps([[1, 2, 300], [2, 70000]], 3) and pickle.dumps(([[1, 300], [1], [2]], [2, 300, 70000]), 3)
  const train = '80035d7100285d7101284b014b024d2c01655d7102284b024a7011010065652e';
  const test =
    '80035d7100285d7101284b014d2c01655d71024b01615d71034b0261655d7104284b024d2c014a70110100658671052e';
  const paths = [file('train.pickle', Buffer.from(train, 'hex')), join(folder, 'test.pickle')];
  file('test.pickle.gz', gzipSync(Buffer.from(test, 'hex')));
  const sessions = texts('1 300 2', '2 70000');
  expect(prefixFiles(paths)).toEqual([{ learn: texts('1 2 300', '2 70000'), predict: sessions }]);
  expect(() => readPickle(Buffer.from('\x80\x03cos\nsystem\n.', 'latin1'), 'x')).toThrow(
    'field: x expected a pickle of lists of numbers, got opcode 0x63 at byte 2',
  );
});

it('joins prefixes to sessions of which each position predicts what a prefix does', () => {
  const all = fc.array(fc.array(fc.nat(7), { minLength: 2, maxLength: 6 }), { minLength: 1 });
  const property = fc.property(all, (sessions) => {
    const prefixes = sessions.flatMap((items) => items.slice(1).map((_, at) => items.slice(0, -1 - at)));
    const targets = sessions.flatMap((items) => items.slice(1).reverse());
    expect(joinPrefixes(prefixes, targets)).toEqual(sessions);
  });
  fc.assert(property);
});

it('leaveOut predicts the last item of each user, and makes a miss of one that was not learnt', () => {
  const path = file('Beauty.txt', '1 a b c d\n2 b c a e\n3 d a b c\n');
  // The last item but one is not learnt, but known to the prediction.
  for (const [heldOut, learnt] of [
    [1, 'abc bca dab'],
    [2, 'ab bc da'],
  ] as const) {
    const [stage] = leaveOut(heldOut)([path]);
    const learn = stage?.learn.map((items) => items.join(''));
    expect(learn?.sort().join(' ')).toBe(learnt);
    expect(stage?.predict).toEqual(texts('a b c d', 'b c a a', 'd a b c'));
  }
});

it('periods drops items of no earlier period, then sessions of one item', () => {
  const paths = ['1 a\n2 b\n1 b\n2 c\n', '3 a\n4 d\n3 d\n4 b\n3 c\n', '5 d\n5 a\n'].map((text, at) =>
    file(`period_${at}.txt`, text),
  );
  const [first, second] = periods(1)(paths);
  expect(first).toEqual({ learn: texts('a b', 'b c'), predict: texts('a c') });
  expect(second).toEqual({ learn: texts('a d c', 'd b'), predict: texts('d a') });
  const anew = periods(1, 'anew')(paths);
  expect(anew[1]?.learn).toEqual([...(first?.learn ?? []), ...(second?.learn ?? [])]);
  const clicks = periods(1, 'once')(paths)[1]?.clicks;
  expect(clicks?.map(({ item, timeMs }) => `${item} ${timeMs / 86_400_000}`)).toEqual([
    'a 0',
    'd 0.2',
    'd 0.4',
    'b 0.6',
    'c 0.8',
  ]);
});
