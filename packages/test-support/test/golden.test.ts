import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGolden } from '@gru4rec/test-support';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'golden-'));
afterAll(() => rmSync(folder, { recursive: true }));

function golden(initial: object, final: object): string {
  const path = join(folder, 'golden.json');
  const rest = {
    name: 'tiny',
    config: { layers: [2], loss: 'bpr' },
    samples: null,
    losses: [0.5],
    liveSlots: [7],
  };
  writeFileSync(path, JSON.stringify({ ...rest, initial, final }));
  return path;
}

describe('readGolden', () => {
  it('rounds initial values to float32 and leaves final values in float64', () => {
    const file = golden(
      { Wy: { shape: [1, 2], data: [0.1, -0.2] } },
      { Wy: { shape: [1, 2], data: [0.1, 0.3] } },
    );
    const { initial, final, losses, config } = readGolden(file);
    expect(initial.Wy).toEqual({ shape: [1, 2], data: Float64Array.of(Math.fround(0.1), Math.fround(-0.2)) });
    expect(final.Wy?.data).toEqual(Float64Array.of(0.1, 0.3));
    expect([losses, config.layers]).toEqual([[0.5], [2]]);
  });

  it('refuses a tensor whose data do not match its shape', () => {
    const file = golden({ by: { shape: [3], data: [1, 2] } }, {});
    expect(() => readGolden(file)).toThrow('readGolden: "by" expected 3 values, got 2');
  });
});
