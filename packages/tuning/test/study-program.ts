// A study of fast trials that its test kills. Arguments: `<file> <log> <trials> <parallel> [<step ms> <study> <lease ms>]`.
// With a study's name, `file` is the URL of a database. It logs a line per step, and writes a dot to standard output
// after each line.
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import {
  createMedianPruner,
  createTpeSampler,
  openStudyDatabase,
  openStudyFile,
  parseSpace,
  runStudy,
} from '../src/index.ts';

const [file = '', log = '', trials, parallel, stepMs = '1', study, leaseMs] = process.argv.slice(2);

function say(event: string, fields: object = {}): void {
  appendFileSync(log, `${JSON.stringify({ event, pid: process.pid, ...fields })}\n`);
  process.stdout.write('.');
}

say('opening');
const storage =
  study === undefined
    ? await openStudyFile(file)
    : await openStudyDatabase(file, { study, leaseMs: Number(leaseMs) });
say('open');
await runStudy({
  storage,
  space: parseSpace({
    rate: { type: 'log-uniform', low: 1e-4, high: 1 },
    units: { type: 'integer', low: 10, high: 200, step: 10 },
    loss: { type: 'choice', options: ['a', 'b'] },
  }),
  sampler: createTpeSampler({ startupTrials: 5 }),
  pruner: createMedianPruner({ startupTrials: 3, warmupSteps: 1 }),
  trials: Number(trials),
  parallel: Number(parallel),
  seed: 11,
  direction: 'minimize',
  fingerprint: { dataset: 'none' },
  run: async ({ number, values, report }) => {
    say('run', { number, values });
    const value = Math.abs(Math.log10(Number(values['rate'])) + 2) + (values['loss'] === 'a' ? 1 : 0);
    for (let step = 0; step < 3; step++) {
      await setTimeout(Number(stepMs));
      if (report(step, value + 1 / (step + 1))) return 0;
    }
    if (number % 7 === 5) throw new Error(`trial ${number} fails`);
    return value;
  },
  onTrial: (trial) => say('end', { trial }),
});
await storage.close();
say('done');
