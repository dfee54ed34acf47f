import { Float32, Float64, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeParquet } from './fuzz/parquet-files.ts';
import { useLogs } from './logs.ts';
import { plainNumber } from './plain-number.ts';

const { prepared } = useLogs();

async function idsIn(content: string | Uint8Array): Promise<readonly string[]> {
  return (await prepared(content, { minSessionLength: 1 })).splits['train'][0].items;
}

const fromJson = (numbers: readonly string[]) =>
  idsIn(numbers.map((id, at) => `{"SessionId": "s", "ItemId": ${id}, "Time": ${at + 1}}\n`).join(''));

async function fromParquet(values: readonly string[]): Promise<readonly string[]> {
  const rows = values.map((value, at) => `('s', ${value}, ${at + 1})`).join(', ');
  const bytes = await writeParquet(`SELECT * FROM (VALUES ${rows}) t("SessionId", "ItemId", "Time")`);
  return idsIn(bytes);
}

function fromArrow(
  values: readonly number[],
  type: Float32 | Float64 = new Float64(),
): Promise<readonly string[]> {
  const SessionId = vectorFromArray(Array(values.length).fill('s'), new Utf8());
  const Time = vectorFromArray([...values.keys()], new Float64());
  return idsIn(tableToIPC(new Table({ SessionId, ItemId: vectorFromArray(values, type), Time }), 'file'));
}

describe('prepare, numbers as ids', () => {
  it('gives a value one id in any JSON notation', async () => {
    expect(await fromJson(['1', '1.0', '1e0', '10e-1', '1.00E+0'])).toEqual(Array(5).fill('1'));
    expect(await fromJson(['0', '-0', '0.0', '-0.0', '0e5', '-0e-7'])).toEqual(Array(6).fill('0'));
    const notations = ['1e3', '1000', '-1e3', '1.50', '15e-1', '1.5e-7', '"1.0"', '"1e3"'];
    const ids = ['1000', '1000', '-1000', '1.5', '1.5', '0.00000015', '1.0', '1e3'];
    expect(await fromJson(notations)).toEqual(ids);
    const beyond = `1${'0'.repeat(21)}`;
    expect(await fromJson(['1e21', beyond, '9007199254740993', '18446744073709551615'])).toEqual([
      beyond,
      beyond,
      '9007199254740993',
      '18446744073709551615',
    ]);
  });

  it('gives the same ids for types of Parquet and Arrow as for JSON', async () => {
    const values = [1, -0, 1000, 1e21, 1.5, 1.5e-7, 123456789.25];
    const ids = ['1', '0', '1000', `1${'0'.repeat(21)}`, '1.5', '0.00000015', '123456789.25'];
    expect(await fromParquet(values.map((value) => `${value}::DOUBLE`))).toEqual(ids);
    expect(await fromArrow(values)).toEqual(ids);
    expect(await fromParquet(['1.00', '-0.50', '12.30'].map((value) => `${value}::DECIMAL(9, 2)`))).toEqual([
      '1',
      '-0.5',
      '12.3',
    ]);
    expect(await fromParquet(['1::HUGEINT', '-7::HUGEINT'])).toEqual(['1', '-7']);
    expect(await fromParquet(['0.1::FLOAT', '16777216::FLOAT'])).toEqual(['0.1', '16777216']);
    expect(await fromArrow([0.1, 16777216], new Float32())).toEqual(['0.1', '16777216']);
  });

  it('does not accept a missing value as id', async () => {
    const expectBad = (reading: Promise<unknown>) =>
      expect(reading).rejects.toThrow(/"ItemId" expected an id, got nothing/);
    await expectBad(fromJson(['1', 'null']));
    await expectBad(fromParquet(['1::DOUBLE', 'NULL']));
    await expectBad(fromParquet(['1::DECIMAL(9, 2)', 'NULL']));
    await expectBad(fromArrow([1, null as never]));
  });

  it('keeps texts, numbers or not', async () => {
    const texts = ['1.0', '-0', '1e3', '007'];
    const csv = `SessionId,ItemId,Time\n${texts.map((id, at) => `s,${id},${at + 1}\n`).join('')}`;
    expect(await idsIn(csv)).toEqual(texts);
    expect(await fromParquet(texts.map((text) => `'${text}'`))).toEqual(texts);
  });

  it('agrees with JavaScript on any double, in every format', async () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    const values = fc
      .sample(fc.oneof(double, fc.integer(), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
        seed: 11,
        numRuns: 400,
      })
      .filter(Number.isFinite);
    const ids = values.map(plainNumber);
    expect(await fromJson(values.map((value) => value.toExponential()))).toEqual(ids);
    expect(await fromJson(values.map((value) => JSON.stringify(value)))).toEqual(ids);
    expect(await fromParquet(values.map((value) => `'${value}'::DOUBLE`))).toEqual(ids);
    expect(await fromArrow(values)).toEqual(ids);
  });
});
