import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinParts, PartEvaluator } from '@gru4rec/metrics';
import { type Gru4Rec, parseConfig, train } from '@gru4rec/model';
import { type ComparisonRow, type ContestOptions, measureContest, measureEach } from '../contest.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { inTemporaryFolder } from '../environment.ts';
import { type EventLog, makeEventLog, toTable, trainingDataOf, writeSessions } from '../event-log.ts';
import { whole } from '../measure.ts';
import { lastEvent, numbersOf, peerEntrants } from '../peers/peers.ts';

const sizes = [
  { items: 27_000, units: 100, heldOut: 2_500, leastRatio: 4 },
  { items: 3_000, units: 32, heldOut: 5_000, leastRatio: 2 },
];
const EVENTS = 60_000;
const evaluateOptions = { cutoffs: [20], tieRule: 'standard', lists: false } as const;
/** A turn repeats its evaluation until this time has passed: one of 3,000 items takes 30 ms. */
const turnSeconds = 1;

/**
 * With the same parameters in the peer. Both find the same recall, list no items, and load and evaluate once before their time
 * starts.
 */
export function measureEvaluations(options: ContestOptions): Promise<ComparisonRow[]> {
  const rows = sizes.map((size) => ({
    ...size,
    name: `full ranking, ${whole(size.items)} items, ${size.units} units`,
  }));
  return measureEach(rows, options.only, async ({ name, items, units, heldOut, leastRatio }) => {
    const events = options.events ?? EVENTS;
    const log = makeEventLog({ items, events, heldOut: Math.min(heldOut, Math.floor(events / 20)) });
    const config = parseConfig({ layers: [units], gru: 'reset-after', nSample: 512, nEpochs: 1, seed: 1 });
    const model = await train(trainingDataOf(log), config, { engine: createChosenEngine(options.engine) });
    const contest = { suite: 'evaluation', name, unit: 'events/s', better: 'more', leastRatio } as const;
    try {
      return await inTemporaryFolder('benchmark-evaluation', async (folder) => {
        const files = { parameters: join(folder, 'parameters'), test: join(folder, 'test.tsv') };
        writeParameters(files.parameters, model);
        writeSessions(files.test, log.test);
        const task = { task: 'evaluate', ...files, items, config, seconds: turnSeconds };
        const peers = peerEntrants({ peer: 'cornac', runner: 'cornac_gru4rec' }, task, (lines) => {
          const { events, seconds } = numbersOf(lastEvent(lines, 'evaluation'), ['events', 'seconds']);
          const correctness = numbersOf(lastEvent(lines, 'done'), ['recall', 'mrr', 'predictions']);
          return { value: events / seconds, correctness };
        });
        return measureContest(contest, [evaluating(model, log), ...peers], options);
      });
    } finally {
      model.dispose();
    }
  });
}

function evaluating(model: Gru4Rec, log: EventLog) {
  const scorer = model.scorer();
  const evaluator = new PartEvaluator(scorer, evaluateOptions);
  const table = toTable(log.test);
  const evaluated = () => joinParts([evaluator.evaluate(table)], evaluateOptions, scorer);
  const take = async () => {
    evaluated();
    const start = performance.now();
    for (let repeats = 1; ; repeats++) {
      const { predictions, results } = evaluated();
      const seconds = (performance.now() - start) / 1000;
      if (seconds < turnSeconds) continue;
      const { recall = Number.NaN, mrr = Number.NaN } = results[0] ?? {};
      return { value: (predictions * repeats) / seconds, correctness: { recall, mrr, predictions } };
    }
  };
  return { name: 'ours', take };
}

function writeParameters(path: string, { tensors }: Gru4Rec): void {
  const parameters = tensors.filter(({ kind }) => kind !== 'slot');
  writeFileSync(`${path}.json`, JSON.stringify(parameters, ['name', 'rows', 'cols']));
  const bytes = parameters.map(({ values: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  writeFileSync(path, Buffer.concat(bytes));
}
