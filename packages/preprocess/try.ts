import { prepare } from '@gru4rec/preprocess';
import { readDataset } from '@gru4rec/sessions';
const o = JSON.parse(process.argv[2]!);
const t = performance.now();
try {
const r = await prepare(o);
console.table(r.funnel); console.log(r.manifest.checksum, r.manifest.counts, r.badRows, r.timeUnit, performance.now()-t);
const t2 = performance.now();
const d = await readDataset(o.output); console.log(d.itemIds.slice(0,3), d.train.sessionIds.slice(0,3), d.train.sessionStartTimes.slice(0,3), d.support.slice(0,3), performance.now()-t2);
} catch (e) { console.log(e); }
