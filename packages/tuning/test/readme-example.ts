import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bestOf, createMedianPruner, openStudyFile, parseSpace, runStudy } from '@gru4rec/tuning';

const space = parseSpace({
  learningRate: { type: 'log-uniform', low: 0.001, high: 1 },
  units: { type: 'integer', low: 32, high: 512, step: 32 },
  loss: { type: 'choice', options: ['bpr-max', 'cross-entropy'] },
  epochs: 5, // the same in every trial
});

const folder = mkdtempSync(join(tmpdir(), 'tuning-'));
const storage = await openStudyFile(join(folder, 'study.jsonl'));
const { trials } = await runStudy({
  storage,
  space,
  pruner: createMedianPruner(),
  trials: 40, // a second run would find all of them done
  seed: 1,
  direction: 'maximize',
  fingerprint: { dataset: 'sha256 of the dataset' },
  run: ({ values, report }) => {
    const recall = 0.5 - 0.1 * Math.abs(Math.log10(Number(values['learningRate'])) + 1);
    for (let epoch = 1; epoch < Number(values['epochs']); epoch++) {
      if (report(epoch, recall - 0.1 / epoch)) break; // pruned: what is returned no longer matters
    }
    return recall;
  },
});
await storage.close();
const winner = bestOf(trials, 'maximize');

assert.equal(trials.length, 40);
assert.ok(trials.some(({ state }) => state === 'pruned'));
assert.ok(Math.abs(Number(winner?.values['learningRate']) - 0.1) < 0.05);
rmSync(folder, { recursive: true });
