import { describe, expect, it } from 'vitest';
import { type PrepareOptions, prepare } from '../src/index.ts';

describe('prepare, options', () => {
  it.each<[Partial<PrepareOptions>, string]>([
    [{ inputs: [] }, 'prepare: "inputs" expected at least one file, got none.'],
    [
      { userColumn: 'u', sessionColumn: 's' },
      'prepare: "userColumn" expected no sessionColumn with it, got both. Give one of them.',
    ],
    [
      { testDays: 1, testInputs: ['t'] },
      'prepare: "testDays" expected no testInputs with it, got both. Give one of them.',
    ],
    [
      { eventColumn: 'type' },
      'prepare: "eventTypes" expected together with eventColumn, got nothing. Give both or neither.',
    ],
    [
      { eventTypes: ['click'] },
      'prepare: "eventColumn" expected together with eventTypes, got nothing. Give both or neither.',
    ],
    [{ format: 'xml' as never }, 'prepare: "format" expected csv, tsv, jsonl, parquet, arrow, got xml.'],
    [{ timeUnit: 'us' as never }, 'prepare: "timeUnit" expected s, ms, iso, got us.'],
    [{ onBadRow: 'hide' as never }, 'prepare: "onBadRow" expected fail, skip, got hide.'],
    [{ compression: 'gzip' as never }, 'prepare: "compression" expected none, lz4, zstd, got gzip.'],
    [{ minSessionLength: 0 }, 'prepare: "minSessionLength" expected integer >= 1, got 0.'],
    [{ maxSessionLength: 1 }, 'prepare: "maxSessionLength" expected integer >= 2, got 1.'],
    [{ minItemSupport: 1.5 }, 'prepare: "minItemSupport" expected integer >= 1, got 1.5.'],
    [{ userColumn: 'u', sessionGapMs: 0 }, 'prepare: "sessionGapMs" expected integer >= 1, got 0.'],
    [{ threads: 0 }, 'prepare: "threads" expected integer >= 1, got 0.'],
    [{ testDays: 0 }, 'prepare: "testDays" expected days > 0, got 0.'],
    [{ validationDays: Number.NaN }, 'prepare: "validationDays" expected days > 0, got NaN.'],
    [{ memoryLimit: 'lots' }, 'prepare: "memoryLimit" expected a size such as 500MB or 4GB, got lots.'],
  ])('refuses %j', async (options, message) => {
    await expect(prepare({ inputs: ['log.csv'], output: 'out', ...options })).rejects.toThrow(message);
  });
});
