import { describe, expect, it } from 'vitest';
import { type PrepareOptions, prepare } from '../src/index.ts';

describe('prepare, options', () => {
  it.each<[Partial<PrepareOptions>, string]>([
    [{ inputs: [] }, 'prepare: "inputs" expected at least one file, got [].'],
    [
      { userColumn: 'u', sessionColumn: 's' },
      'prepare: "userColumn" expected no other option with it, got both. Give only one ("sessionColumn").',
    ],
    [
      { eventTypes: ['click'] },
      'prepare: "eventTypes" expected another option with it, got none. Give both or neither ("eventColumn").',
    ],
    [
      { eventColumn: 'type', eventTypes: 'click' as never },
      'prepare: "eventTypes" expected a list of strings, got "click".',
    ],
    [
      { eventColumn: 'type', contextColumns: ['type'] },
      'prepare: "contextColumns" expected other columns than that of event types, got "type". The dataset keeps the types anyway.',
    ],
    [
      { contextColumns: ['a', 'a'] },
      'prepare: "contextColumns" expected a list of distinct column names, got ["a","a"].',
    ],
    [
      { items: 'items.csv', itemColumns: { titel: 'name' } as object },
      'prepare: "itemColumns" expected names of columns by key (id, title, group, available, price), got {"titel":"name"}.',
    ],
    [{ format: 'xml' as never }, 'prepare: "format" expected csv, tsv, jsonl, parquet, arrow, got "xml".'],
    [{ maxSessionLength: 1 }, 'prepare: "maxSessionLength" expected integer >= 2, got 1.'],
    [
      { testFrom: '2026-02-30' },
      'prepare: "testFrom" expected a date such as 2026-05-01, or a time such as 2026-05-01T12:00Z, got "2026-02-30".',
    ],
    [
      { testFrom: '2026-02-01', validationFrom: '2026-02-01T00:00Z' },
      'prepare: "validationFrom" expected a time before that of the test split (2026-02-01), got 2026-02-01T00:00Z. Validation sessions are those before the test sessions.',
    ],
    [
      { testFraction: 0.5, validationFraction: 0.5 },
      'prepare: "validationFraction" expected less than 0.5, so that training sessions are left beside the test split, got 0.5.',
    ],
    [{ testDays: 0 }, 'prepare: "testDays" expected days > 0, got 0.'],
    [{ memoryLimit: 'lots' }, 'prepare: "memoryLimit" expected a size such as 500MB or 4GB, got "lots".'],
  ])('refuses %j', async (options, message) => {
    await expect(prepare({ inputs: ['log.csv'], output: 'out', ...options })).rejects.toThrow(message);
  });
});
