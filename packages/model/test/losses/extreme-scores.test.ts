import { createWasmEngine } from '@gru4rec/engine-wasm';
import { ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { type LossName, losses } from '../../src/losses/registry.ts';
import { type AppendLoss, finalActs, lossInputs, lossWith } from './loss-cases.ts';

/** B slots, the last one without a session, and N columns. */
const [B, N] = [4, 7];
const [low, high] = [-1e4, 1e4];

/** scores[n][b]: the columns are the slots' targets, then three samples. */
const extremes: Readonly<Record<string, (n: number, b: number) => number>> = {
  'the target far below the others': (n, b) => (n === b ? low : high),
  'the target far above the others': (n, b) => (n === b ? high : low),
  'some far above, some far below': (n, b) => ((n + b) % 2 === 0 ? high : low),
  'all far above': () => high,
  'all far below': () => low,
  'all 0': () => 0,
};

const cases = (Object.keys(losses) as LossName[]).flatMap((name) => {
  const { reads } = losses[name];
  const variants = [
    {},
    ...(reads.includes('smoothing') ? [{ smoothing: 0.2 }] : []),
    ...(reads.includes('hardNegatives') ? [{ hardNegatives: 2, temperature: 0.1 }] : []),
  ];
  return (reads.includes('finalAct') ? finalActs : ['linear']).flatMap((finalAct) =>
    variants.map((variant) => {
      const loss = lossWith(name, { finalAct, bpreg: 1.95, ...variant });
      return [`${name} behind ${finalAct}, ${JSON.stringify(variant)}`, loss] as const;
    }),
  );
});

function run(loss: AppendLoss, scores: (n: number, b: number) => number, fuse: boolean) {
  const b = new ProgramBuilder('loss');
  const shape = { rows: N, cols: B };
  const value = loss(b, { scores: b.variable('scores', 'parameter', N, B), ...lossInputs(b, shape) });
  const gradient = b.gradients(value).get('scores');
  if (gradient?.kind !== 'dense') throw new TypeError('expected a dense gradient');
  b.output('loss', value);
  b.output('gradient', gradient.tensor);
  const runtime = createWasmEngine({ fuse }).load([b.build()]);
  runtime.write(
    'scores',
    Float32Array.from({ length: N * B }, (_, i) => scores(Math.floor(i / B), i % B)),
  );
  return runtime.run('loss', {
    weight: Float32Array.of(1, 1, 1, 0, 1, 1, 1),
    live: Float32Array.of(1, 1, 1, 0),
  });
}

describe.each(cases)('%s', (name, loss) => {
  it.each(Object.entries(extremes))('is finite in float32, and so is its gradient: %s', (_what, scores) => {
    for (const fuse of [true, false]) {
      const { loss: value, gradient } = run(loss, scores, fuse);
      expect(value?.[0]).toBeGreaterThanOrEqual(0);
      expect(value?.[0]).toBeLessThan(Infinity);
      expect(Array.from(gradient ?? []).filter((x) => !Number.isFinite(x))).toEqual([]);
      const ofDeadSlot = Array.from(gradient ?? []).filter((_, i) => i % B === B - 1);
      expect(ofDeadSlot.every((x) => x === 0)).toBe(true);
      // The hardest negatives leave most of a softmax at 0. Products with subnormal numbers take Intel's processors 40 times as long.
      const subnormal = Array.from(gradient ?? []).filter((x) => x !== 0 && Math.abs(x) < 2 ** -126);
      if (fuse && name.startsWith('cross-entropy')) expect(subnormal).toEqual([]);
    }
  });
});
