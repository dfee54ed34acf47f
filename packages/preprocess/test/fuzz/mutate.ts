import { gzipSync } from 'node:zlib';
import type { Chance } from './chance.ts';

type Mutation = (bytes: Buffer, chance: Chance) => Buffer;

/** Text that breaks readers: line and file ends, quotes, marks, numbers at their limits, unusual times. */
const tokens: readonly (string | Buffer)[] = [
  ...['"', '""', '"""', ',', ';', '\t', ' ', '\r', '\n', '\r\n', '\n\n', '\r\r\n', '\\', '\u0000'],
  ...['\ufeff', '\u00a0', '\u2028', '\u0085', '{', '}', '[', ']', ':', 'null', 'true', '{}', '[1,2]'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775809', '1e400', '-1e-400'],
  ...['1e5', '0x10'],
  ...['NaN', 'Infinity', '-inf', '-1', '-0', '00012', '1_000', '1.', '.5', '+5', '1e', '٣', '1,5', '1.0005'],
  ...['253402300800000', '99999999999', '100000000000', '-62135596800', '1e15', '123456789012345678901234'],
  ...['2014-02-30', '2014-02-28', '9999-12-31T23:59:59.9999Z', '0001-01-01', '-001-01-01'],
  ...['2016-12-31T23:59:60Z', '2014-04-02T24:00:00', '2014-04-02 10:00 (BC)'],
  ...['2014-04-02 10:00:00 Europe/Paris', '2014-04-02T10:00+25:00'],
  ...['"SessionId":1,', '"ItemId":{"a":1}', '"Time":"5",', ',}', ',]', '\\ud800', '\\u0000', '"a":NaN,'],
  ...[[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]].map((b) =>
    Buffer.from(b),
  ),
];

const place = (bytes: Buffer, chance: Chance) => chance.below(bytes.length + 1);

const splice = (bytes: Buffer, at: number, removed: number, put: string | Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), Buffer.from(put as Buffer), bytes.subarray(at + removed)]);

const lines = (bytes: Buffer): string[] => bytes.toString('latin1').split('\n');
const joined = (rows: readonly string[]): Buffer => Buffer.from(rows.join('\n'), 'latin1');

const byteMutations: readonly Mutation[] = [
  (bytes, chance) => bytes.subarray(0, place(bytes, chance)),
  (bytes, chance) => {
    const flipped = Buffer.from(bytes);
    const times = 1 + chance.below(3);
    for (let i = 0; i < times && bytes.length > 0; i++) {
      flipped[chance.below(bytes.length)] ^= 1 << chance.below(8);
    }
    return flipped;
  },
  (bytes, chance) => splice(bytes, place(bytes, chance), 0, Buffer.from([chance.below(256)])),
  (bytes, chance) => splice(bytes, place(bytes, chance), 1 + chance.below(6), ''),
  (bytes, chance) => {
    const [from, length] = [place(bytes, chance), 1 + chance.below(40)];
    return splice(bytes, place(bytes, chance), 0, bytes.subarray(from, from + length));
  },
];

const textMutations: readonly Mutation[] = [
  (bytes, chance) => splice(bytes, place(bytes, chance), chance.below(4), chance.pick(tokens)),
  (bytes, chance) => {
    const fields = [...bytes.toString('latin1').matchAll(/[^,;\t\n\r:{}[\]]+/g)];
    if (fields.length === 0) return bytes;
    const field = chance.pick(fields);
    return splice(bytes, field.index, field[0].length, chance.pick(tokens));
  },
  (bytes, chance) => joined(lines(bytes).map((line) => (chance.once(2) ? `${line}\r` : line))),
  (bytes, chance) =>
    Buffer.from(bytes.toString('latin1').replaceAll('\n', chance.pick(['\r', '\r\n'])), 'latin1'),
  (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  (bytes) => Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le'),
  (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le').swap16(),
  (bytes) => Buffer.from(bytes.toString('utf8'), 'latin1'),
  (bytes) => joined(lines(bytes).slice(1)),
  (bytes) => joined([lines(bytes)[0], ...lines(bytes)]),
  (bytes) => joined(lines(bytes).slice(0, 1)),
  (bytes) => bytes.subarray(0, -1),
  (bytes, chance) => {
    const rows = lines(bytes);
    const at = chance.below(rows.length);
    return joined([
      ...rows.slice(0, at),
      chance.pick(['', ' ', '\t', 'x', ',,,', '""', 'null']),
      ...rows.slice(at),
    ]);
  },
  (bytes) => Buffer.from(bytes.toString('latin1').replace('Other', 'ItemId'), 'latin1'),
  (bytes) => Buffer.from(bytes.toString('latin1').replace('Other', 'Other,'), 'latin1'),
];

/** Applies one or two mutations to the bytes of a text. */
export function mutateText(bytes: Buffer, chance: Chance): Buffer {
  const first = chance.pick(chance.once(3) ? byteMutations : textMutations)(bytes, chance);
  return chance.once(3) ? chance.pick(byteMutations)(first, chance) : first;
}

/** Applies one to three mutations to any bytes. */
export function mutateBytes(bytes: Buffer, chance: Chance): Buffer {
  let mutant = bytes;
  for (let i = 1 + chance.below(3); i > 0; i--) mutant = chance.pick(byteMutations)(mutant, chance);
  return mutant;
}

export function enlarge(bytes: Buffer, chance: Chance, size: number): Buffer {
  const piece = chance.pick(['x', '"', 'é', '\n', '""', ',', '9', ' ', '\\"']);
  return splice(bytes, place(bytes, chance), 0, piece.repeat(size));
}

/** Compresses bytes as gzip, possibly in a wrong way. */
export function packWrongly(bytes: Buffer, chance: Chance): Buffer {
  const cut = chance.below(bytes.length + 1);
  const whole = gzipSync(bytes);
  const halves = [gzipSync(bytes.subarray(0, cut)), gzipSync(bytes.subarray(cut))];
  const wrongSum = Buffer.from(whole);
  wrongSum[whole.length - 1 - chance.below(8)] ^= 1 + chance.below(255);
  return chance.pick([
    whole,
    wrongSum,
    whole.subarray(0, chance.below(whole.length)),
    Buffer.concat(halves),
    Buffer.concat([halves[0], halves[1].subarray(0, chance.below(halves[1].length))]),
    Buffer.concat([halves[0], Buffer.alloc(1 + chance.below(20)), halves[1]]),
    Buffer.concat([whole, Buffer.from(chance.pick(['\0', '\0\0\0', 'x', 'garbage']))]),
    gzipSync(whole),
    mutateBytes(whole, chance),
  ]);
}
