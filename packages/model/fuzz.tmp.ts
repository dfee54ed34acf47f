import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { RandomStream } from '@gru4rec/random';
import { buildScoreStep, buildTrainStep, TrainingStep, type StepConfig } from './src/index.ts';
import { initializeVariables } from './src/initialize.ts';
const [from, to] = process.argv.slice(2).map(Number) as [number, number];
let failed = 0, skipped = 0, worst = 0, compared = 0;
function poison(rt: any) {
  const floats: Float32Array = rt.floats;
  const keep = new Uint8Array(floats.length);
  keep.fill(1, 0, 16384);
  for (const b of rt.shared.persistent) keep.fill(1, b.address / 4, b.address / 4 + Math.ceil(b.bytes / 4));
  const layouts = [...rt.shared.variables.values()];
  for (const p of rt.programs.values()) for (const { layout } of p.inputs.values()) layouts.push(layout);
  for (const l of layouts) {
    for (let r = 0; r < l.rows; r++) for (let c = l.cols; c < l.stride / 4; c++) keep[(l.buffer.address + r * l.stride) / 4 + c] = 0;
    const end = l.buffer.address / 4 + Math.ceil(l.buffer.bytes / 4);
    for (let i = l.buffer.address / 4 + l.rows * l.stride / 4; i < end; i++) keep[i] = 0;
  }
  for (let i = 0; i < floats.length; i++) if (!keep[i]) floats[i] = NaN;
}
for (let seed = from; seed < to; seed++) {
  const r = new RandomStream(seed, 'model-fuzz');
  const pick = <T,>(a: readonly T[]): T => a[r.nextBelow(a.length)]!;
  const dims = [1, 2, 3, 4, 5, 7, 8, 9, 12, 17, 33];
  const batchSize = pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 32]);
  const nSample = pick([0, 1, 2, 3, 8, 13, 70, 150]);
  const items = pick([1, 2, 3, 5, 9, 40, 200]);
  const constrainedEmbedding = r.nextBelow(2) === 0;
  const layers = Array.from({ length: 1 + r.nextBelow(3) }, () => pick(dims));
  const config: StepConfig = {
    loss: pick(['cross-entropy', 'bpr-max'] as const), layers, constrainedEmbedding,
    embedding: constrainedEmbedding ? 0 : pick([0, 1, 3, 8]),
    gru: pick(['reset-before', 'reset-after'] as const), batchSize, nSample, sampleAlpha: 0.5,
    logq: pick([0, 0, 1, 0.5]), bpreg: pick([0, 1, 2]), finalAct: pick(['linear', 'elu-0.5', 'elu-1', 'tanh', 'relu', 'selu-1.05-1.67', 'leaky-0.2', 'elu-0']),
    hiddenAct: pick(['tanh', 'tanh', 'relu', 'linear', 'elu-1', 'sigmoid']), dropoutPEmbed: pick([0, 0, 0.5]), dropoutPHidden: pick([0, 0, 0.3]),
    momentum: pick([0, 0.4]), smoothing: pick([0, 0, 0.2]),
  };
  if (batchSize === 1 && nSample === 0) continue;
  const desc = JSON.stringify({ items, ...config });
  try {
    const programs = [buildTrainStep(config, items), buildScoreStep(config, items, pick([1, 2, 3, 5, 8]))];
    const fuse = seed % 3 !== 0;
    const wasm: any = createWasmEngine({ fuse }).load(programs), ref = createReferenceEngine().load(programs), ref2 = createReferenceEngine().load(programs);
    const support = Int32Array.from({ length: items }, () => 1 + r.nextBelow(50));
    const scale = pick([0.1, 1, 3]);
    for (const rt of [wasm, ref, ref2]) initializeVariables(rt, support, seed);
    for (const { name, rows, cols, kind } of ref.variables) {
      if (kind === 'parameter' || kind === 'table') { const v = Float32Array.from({ length: rows * cols }, () => (2 * r.nextFloat() - 1) * scale); wasm.write(name, v); ref.write(name, v); ref2.write(name, Float64Array.from(v, (x) => x * (1 + 3e-7 * (2 * r.nextFloat() - 1)))); }
      // large accumulator: adagrad at 0 turns rounding into steps
      if (name.endsWith('.acc')) { const v = new Float32Array(rows * cols).fill(0.05); wasm.write(name, v); ref.write(name, v); ref2.write(name, v); }
    }
    const [tw, tr, tr2] = [wasm, ref, ref2].map((rt: any) => new TrainingStep(rt, config, seed));
    const liveArr = new Float32Array(batchSize).fill(1);
    for (let step = 0; step < 4; step++) {
      // kill slots
      for (let b = 0; b < batchSize; b++) if (r.nextFloat() < 0.25 && liveArr.reduce((a, x) => a + x, 0) > (nSample > 0 ? 1 : 2)) liveArr[b] = 0;
      const idx = (b: number) => (liveArr[b] ? r.nextBelow(items) : -1);
      const batch = { input: Int32Array.from(liveArr, (_, b) => idx(b)), target: Int32Array.from(liveArr, (_, b) => idx(b)),
        resetMask: Float32Array.from(liveArr, (l) => Number(l && (step === 0 || r.nextFloat() < 0.3))), live: liveArr, liveSlots: liveArr.reduce((a, x) => a + x, 0), step };
      const samples = nSample ? Int32Array.from({ length: nSample }, () => r.nextBelow(items)) : undefined;
      poison(wasm);
      const a = tw!.run(batch as any, samples, step, 0.05), e2 = tr2!.run(batch as any, samples, step, 0.05), e = tr!.run(batch as any, samples, step, 0.05);
      const pairs: [string, ArrayLike<number>, ArrayLike<number>, ArrayLike<number>][] = [['loss', [a], [e], [e2]]];
      for (const { name } of ref.variables) pairs.push([name, wasm.read(name), ref.read(name), ref2.read(name)]);
      const sin = programs[1]!.inputs.input!.rows;
      const inp = { input: Int32Array.from({ length: sin }, () => r.nextBelow(items)), resetMask: Float32Array.from({ length: sin }, () => r.nextBelow(2)) };
      poison(wasm);
      const sw = wasm.run('score', inp).scores!.slice(), sr = ref.run('score', inp).scores!, sr2 = ref2.run('score', inp).scores!;
      pairs.push(['scores', sw, sr, sr2]);
      for (const [name, x, y, y2] of pairs) {
        let max = 0, finite = true;
        for (let i = 0; i < y.length; i++) { max = Math.max(max, Math.abs(y[i]!)); finite &&= Number.isFinite(y[i]!); }
        if (!finite || max > 1e4) { skipped++; if (!finite) console.log('nonfinite ref', seed, name, desc); throw 'skip'; }
        for (let i = 0; i < y.length; i++) {
          const d = Math.abs(x[i]! - y[i]!) / Math.max(1, max);
          let chaos = 0; if (!(d <= 2e-3)) for (let k = 0; k < y.length; k++) chaos = Math.max(chaos, Math.abs(y[k]! - y2[k]!) / Math.max(1, max));
          if (!(d <= 2e-3 + 30 * chaos)) throw new Error(`step ${step} ${name}[${i}]: expected ${y[i]}, got ${x[i]} fuse ${fuse} scale ${scale}`);
          worst = Math.max(worst, d); compared++;
        }
      }
    }
  } catch (e) { if (e === 'skip') continue; failed++; console.log(`seed ${seed}:`, (e as Error).message.slice(0, 300), desc); if (failed < 2) console.log((e as Error).stack?.split('\n').slice(1, 6).join('\n')); }
}
console.log({ failed, skipped, compared, worst });
