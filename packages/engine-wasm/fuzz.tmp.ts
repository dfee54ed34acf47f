import { createReferenceEngine } from '@gru4rec/engine-reference';
import { RandomStream } from '@gru4rec/random';
import { createWasmEngine } from './src/index.ts';
import { makers, randomInputs, randomProgram } from './test/random-program.ts';
const [from, to] = process.argv.slice(2).map(Number) as [number, number];
const kernelsSeen = new Map<string, number>();
let skipped = 0, failed = 0, compared = 0; let worst = 0;
function poison(rt: any, random: RandomStream, names: string[]) {
  // persistent ranges stay, all else becomes NaN; also padding of variables and inputs
  const floats: Float32Array = rt.floats;
  const keep = new Uint8Array(floats.length);
  keep.fill(1, 0, 16384);
  for (const b of rt.shared.persistent) keep.fill(1, b.address / 4, b.address / 4 + Math.ceil(b.bytes / 4));
  const layouts = [...rt.shared.variables.values()];
  for (const n of names) for (const { layout } of rt.programs.get(n).inputs.values()) layouts.push(layout);
  for (const l of layouts) {
    for (let r = 0; r < l.rows; r++) for (let c = l.cols; c < l.stride / 4; c++) keep[(l.buffer.address + r * l.stride) / 4 + c] = 0;
    const end = l.buffer.address / 4 + Math.ceil(l.buffer.bytes / 4);
    for (let i = l.buffer.address / 4 + l.rows * l.stride / 4; i < end; i++) keep[i] = 0;
  }
  for (let i = 0; i < floats.length; i++) if (!keep[i]) floats[i] = NaN;
}
function stepChecked(rt: any, name: string, inputs: any) {
  const p = rt.programs.get(name);
  rt.writeInputs(p, inputs);
  const words: Int32Array = rt.words;
  let before = words.slice();
  for (let i = 0; i < p.calls.length; i++) {
    const call = p.calls[i];
    rt.instance.run(p.list.address, i, i + 1);
    const bufs = [...call.args.filter((a: any) => typeof a === 'object' && 'buffer' in a).map((a: any) => a.buffer), ...call.uses];
    for (let w = 16384; w < words.length; w++) {
      if (words[w] === before[w]) continue;
      if (!bufs.some((b: any) => w * 4 >= b.address && w * 4 < b.address + b.bytes)) {
        throw new Error(`call ${i} ${call.kernel} writes word ${w} outside of its buffers`);
      }
      before[w] = words[w]!;
    }
  }
  const outputs: any = {};
  for (const [o, l] of p.outputs) outputs[o] = rt.view(l).slice();
  return outputs;
}
for (let seed = from; seed < to; seed++) {
  const random = new RandomStream(seed, 'fuzz');
  try {
    const length = 3 + random.nextBelow(28);
    const one = randomProgram('one', random, length, makers);
    const programs = [one.program];
    const wasm: any = createWasmEngine({ fuse: seed % 2 === 0 }).load(programs), ref = createReferenceEngine().load(programs);
    for (const c of wasm.kernels('one')) kernelsSeen.set(c, (kernelsSeen.get(c) ?? 0) + 1);
    for (const { name, kind, rows, cols } of ref.variables) {
      if (kind === 'slot') continue;
      const v = Float32Array.from({ length: rows * cols }, () => 2 * random.nextFloat() - 1);
      wasm.write(name, v); ref.write(name, v);
    }
    const check = seed % 3 === 0 && wasm.words.length < 400000;
    for (let step = 0; step < 3; step++) {
      const inputs = randomInputs(one, random);
      poison(wasm, random, ['one']);
      const expected = ref.run('one', inputs);
      const actual = check ? stepChecked(wasm, 'one', inputs) : wasm.run('one', inputs);
      const pairs: [string, ArrayLike<number>, ArrayLike<number>][] = Object.keys(expected).map((k) => [`out ${k}`, actual[k], expected[k]!]);
      for (const { name } of ref.variables) pairs.push([name, wasm.read(name), ref.read(name)]);
      for (const [name, a, e] of pairs) {
        let max = 0; let finite = true;
        for (let i = 0; i < e.length; i++) { max = Math.max(max, Math.abs(e[i]!)); finite &&= Number.isFinite(e[i]!); }
        if (!finite || max > 1e4) { skipped++; throw 'skip'; }
        for (let i = 0; i < e.length; i++) {
          const d = Math.abs(a[i]! - e[i]!) / Math.max(1, max);
          if (!(d <= 1e-3)) throw new Error(`seed ${seed} step ${step} ${name}[${i}]: expected ${e[i]}, got ${a[i]} (max ${max}) kernels ${wasm.kernels('one').join(' ')}`);
          worst = Math.max(worst, d);
          compared++;
        }
      }
    }
  } catch (e) { if (e === 'skip') continue; failed++; console.log(`seed ${seed}:`, (e as Error).message.slice(0, 600)); if (failed < 3) console.log((e as Error).stack?.split('\n').slice(1, 6).join('\n')); }
}
console.log({ failed, skipped, compared, worst }, [...kernelsSeen].sort().map(([k, n]) => `${k} ${n}`).join(', '));
