import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinParts, PartEvaluator, type Scorer } from '@gru4rec/metrics';
import { type Gru4Rec, parseConfig, train } from '@gru4rec/model';
import {
  atLeastTimes,
  type ComparisonRow,
  type Contestant,
  type ContestOptions,
  measureContest,
  measureEach,
  type Turn,
} from '../contest.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { makeEventLog, type Sessions, toTable, trainingDataOf, writeSessions } from '../event-log.ts';
import { whole } from '../figures.ts';
import { peerOnThreads } from '../peers/contestants.ts';
import { lastEvent, numberOf, numbersOf } from '../peers/events.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

/** Sizes of the models that rank test sessions. */
const sizes = [
  { items: 27_000, units: 100, events: 60_000, heldOut: 2_500, bound: 4 },
  { items: 3_000, units: 32, events: 60_000, heldOut: 5_000, bound: 2 },
] as const;

const evaluateOptions = { cutoffs: [20], tieRule: 'standard', lists: false } as const;

/** A turn repeats its evaluation until this time has passed: one of 3,000 items takes 30 ms. */
const turnSeconds = 1;

/**
 * Measures the full ranking of test sessions. Ours takes turns with the same model, with the same parameters, in the
 * peer. Both must find the same recall. Neither lists items, as the peer computes recall and MRR only. Both load the model
 * and evaluate once before their time starts.
 */
export function measureEvaluations(options: ContestOptions): Promise<ComparisonRow[]> {
  const rows = sizes.map((size) => ({
    ...size,
    name: `full ranking, ${whole(size.items)} items, ${size.units} units`,
  }));
  return measureEach(rows, options.only, (row) =>
    inTemporaryFolder('benchmark-evaluation', (folder) => measureEvaluation(row, folder, options)),
  );
}

async function measureEvaluation(
  { name, items, units, events, heldOut, bound }: (typeof sizes)[number] & { readonly name: string },
  folder: string,
  options: ContestOptions,
): Promise<ComparisonRow> {
  const clicks = options.events ?? events;
  const log = makeEventLog({ items, events: clicks, heldOut: Math.min(heldOut, Math.floor(clicks / 20)) });
  const config = parseConfig({ layers: [units], gru: 'reset-after', nSample: 512, nEpochs: 1, seed: 1 });
  const model = await train(trainingDataOf(log), config, { engine: createChosenEngine(options.engine) });
  const scorer = model.scorer();
  const evaluator = new PartEvaluator(scorer, evaluateOptions);
  try {
    const files = { parameters: join(folder, 'parameters'), test: join(folder, 'test.tsv') };
    writeParameters(files.parameters, model);
    writeSessions(files.test, log.test);
    const goal = atLeastTimes(bound);
    const contest = { suite: 'evaluation', name, unit: 'events/s', better: 'more', goal } as const;
    const task = { task: 'evaluate', ...files, items, config, seconds: turnSeconds };
    const peers = peerOnThreads(options.peerDirectory, 'cornac', task, (lines) => {
      const [evaluation, done] = [lastEvent(lines, 'evaluation'), lastEvent(lines, 'done')];
      return {
        value: numberOf(evaluation, 'events') / numberOf(evaluation, 'seconds'),
        correctness: numbersOf(done, ['recall', 'mrr', 'predictions']),
      };
    });
    return await measureContest(contest, [evaluating(evaluator, log.test, scorer), ...peers], options);
  } finally {
    evaluator.close();
    model.dispose();
  }
}

function evaluating(evaluator: PartEvaluator, sessions: Sessions, scorer: Scorer): Contestant {
  const table = toTable(sessions);
  const evaluated = () => joinParts([evaluator.evaluate(table)], evaluateOptions, scorer);
  const take = async (): Promise<Turn> => {
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

/** Writes float32 matrices one after the other, and a JSON file that names them. */
function writeParameters(path: string, { tensors }: Gru4Rec): void {
  const parameters = tensors.filter(({ kind }) => kind !== 'slot');
  const index = parameters.map(({ name, rows, cols }) => ({ name, rows, cols }));
  writeFileSync(`${path}.json`, JSON.stringify(index));
  const bytes = parameters.map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  writeFileSync(path, Buffer.concat(bytes));
}
