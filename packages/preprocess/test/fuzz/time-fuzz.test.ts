import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/index.ts';
import { readPlain } from '../plain.ts';
import type { Chance } from './chance.ts';
import { fuzzTimeoutMs, runCases } from './run-cases.ts';
import { readTime } from './strict-time.ts';

const sound = [
  ...[
    '0',
    '1396437466.940',
    '1396437466940',
    '1396437466940499',
    '1396437466940.5e3',
    '-1.5',
    '99999999999.9995',
    '1.396437466940e9',
    '1e-3',
    '0.0005',
  ],
  ...['2014-04-02', '2014-04-02T11:17:46.940Z', '2014-04-02 11:17', '2014-04-02T11:17:46,9405+02:00'],
  ...['2016-02-29T23:59:59-0730', '0001-01-01T00:00:00.0005Z', '9999-12-31T23:59:59.9995Z'],
  ...['2999-12-31T23:59:59.000499Z', '1969-12-31T23:59:59.9995+14'],
] as const;
const pieces = '0123456789+-.,eE_ :TtZz\u00a0٣x()\t'.split('');

function timeText(chance: Chance): string {
  let text: string = chance.pick(sound);
  for (let changes = chance.below(4); changes > 0; changes--) {
    const at = chance.below(text.length + 1);
    text = text.slice(0, at) + chance.pick(['', ...pieces]) + text.slice(at + chance.below(2));
  }
  return text;
}

describe('times under fuzz', () => {
  it.each(['s', 'ms', 'us', 'iso'] as const)(
    'are read exactly or not at all, in %s',
    async (unit) => {
      await runCases(1, async ({ chance, folder, write }) => {
        const texts = Array.from({ length: 3000 }, () => timeText(chance));
        const rows = texts.map((text, row) => `${row},i,"${text}"\n`);
        const output = join(folder, 'out');
        const file = write(
          Buffer.from(
            `SessionId,ItemId,Time\nsound,i,${unit === 'iso' ? '1970-01-01' : '0'}\n${rows.join('')}`,
          ),
        );
        await prepare({ inputs: [file], output, timeUnit: unit, onBadRow: 'skip', minSessionLength: 1 });
        const { splits } = await readPlain(output);
        const found = new Map(splits['train'].map(({ id, times }) => [id, times[0]]));
        const read = texts.map((text, row) => `${text} → ${found.get(String(row))}`);
        expect(read).toEqual(texts.map((text) => `${text} → ${readTime(text, unit)}`));
      });
    },
    fuzzTimeoutMs,
  );
});
