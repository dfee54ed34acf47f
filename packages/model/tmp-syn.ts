import { itemKnn, pop, sessionPop } from '/work/main/packages/baselines/src/index.ts';
import { evaluate, type Scorer } from '/work/main/packages/metrics/src/index.ts';
import { generateShopLog } from '/work/main/packages/synthetic/src/index.ts';

const seed = Number(process.argv[2] ?? 1),
  testDays = Number(process.argv[3] ?? 1),
  gru = process.argv[4];
const t = performance.now();
const log = generateShopLog({ seed });
console.log('generate', ((performance.now() - t) / 1e3).toFixed(2), 's');
const last = log.times[log.times.length - 1];
const cut = Date.UTC(2024, 2, 31) / 1000 - testDays * 86400;
const by = new Map<number, { start: number; items: number[] }>();
for (let i = 0; i < log.times.length; i++) {
  let s = by.get(log.sessionIds[i]);
  if (!s) by.set(log.sessionIds[i], (s = { start: log.times[i], items: [] }));
  s.items.push(log.itemIds[i]);
}
const all = [...by.values()];
const lens = all.map((s) => s.items.length).sort((a, b) => a - b);
console.log(
  'sessions',
  all.length,
  'mean',
  100000 / all.length,
  'median',
  lens[lens.length >> 1],
  'max',
  lens.at(-1),
  'single',
  lens.filter((x) => x === 1).length / all.length,
  'last',
  new Date(last * 1000).toISOString(),
);
const ids = new Map<number, number>();
const tr = all.filter((s) => s.start < cut && s.items.length > 1),
  te0 = all.filter((s) => s.start >= cut);
for (const s of tr) for (const i of s.items) if (!ids.has(i)) ids.set(i, ids.size);
const te = te0
  .map((s) => ({ start: s.start, items: s.items.filter((i) => ids.has(i)) }))
  .filter((s) => s.items.length > 1);
const csr = (x: { start: number; items: number[] }[]) => ({
  sessionOffsets: x.reduce((o, s) => (o.push(o.at(-1)! + s.items.length), o), [0]) as any,
  items: Int32Array.from(x.flatMap((s) => s.items.map((i) => ids.get(i)!))),
  sessionStartTimes: Float64Array.from(x, (s) => s.start),
});
const fix = (c: any) => ({ ...c, sessionOffsets: Int32Array.from(c.sessionOffsets) });
const train = fix(csr(tr)),
  test = fix(csr(te));
const support = new Int32Array(ids.size);
for (const i of train.items) support[i]++;
const sorted = [...support].sort((a, b) => b - a);
const tot = train.items.length;
console.log(
  'items',
  ids.size,
  'train',
  tot,
  'test',
  test.items.length,
  te.length,
  'top1',
  (sorted[0] / tot).toFixed(4),
  'top1%',
  (sorted.slice(0, ids.size / 100).reduce((a, b) => a + b) / tot).toFixed(3),
  'top20%',
  (sorted.slice(0, ids.size / 5).reduce((a, b) => a + b) / tot).toFixed(3),
  'median support',
  sorted[ids.size >> 1],
);
const data = { itemIds: [...ids.keys()].map(String), support, train };
const show = (sc: Scorer) => {
  for (const excludeSeen of [false, true]) {
    const e = evaluate(sc, test, { cutoffs: [20], support, excludeSeen });
    const r = e.results[0];
    console.log(
      sc.name.padEnd(10),
      excludeSeen ? 'no repeats' : '          ',
      'recall',
      r.recall.toFixed(4),
      'mrr',
      r.mrr.toFixed(4),
      'cov',
      r.coverage.toFixed(3),
      'excluded',
      e.excludedTargets,
      'of',
      e.predictions,
    );
  }
};
for (const make of [pop, sessionPop, itemKnn]) show(make(data));
if (gru) {
  const { train: fit, parseConfig } = await import('/work/main/packages/model/src/index.ts');
  const { createWasmEngine } = await import('/work/main/packages/engine-wasm/src/index.ts');
  const engine = await createWasmEngine();
  const config = parseConfig({
    loss: 'cross-entropy',
    layers: [100],
    constrainedEmbedding: true,
    batchSize: 32,
    nSample: 2048,
    sampleAlpha: 0.5,
    logq: 1,
    learningRate: 0.2,
    momentum: 0.2,
    dropoutPHidden: 0.4,
    gru: 'reset-after',
    nEpochs: 10,
    seed: 1,
    ...(gru === '1' ? {} : JSON.parse(gru)),
  });
  const t1 = performance.now();
  const model = await fit(data as any, config, {
    engine,
    onEpoch: (r: any) => {
      console.log('epoch', r.epoch, r.loss.toFixed(4), r.seconds.toFixed(1));
    },
  });
  console.log('train s', ((performance.now() - t1) / 1e3).toFixed(1));
  show(model.scorer());
}
