import { evaluate } from '@gru4rec/metrics';
import { parseConfig, train } from '@gru4rec/model';
import { createChosenEngine } from '../../engine-choice.ts';
import { makeEventLog, toTable, trainingDataOf } from '../../event-log.ts';
import { repeating, type Work } from '../../measure.ts';

/** Full ranking of test sessions by a small trained model. */
export async function prepareEvaluation(): Promise<Work> {
  const log = makeEventLog({ items: 3_000, events: 20_000, heldOut: 400 });
  const config = parseConfig({ layers: [32], nSample: 128, nEpochs: 1, seed: 1 });
  const engine = createChosenEngine({ threads: 1, relaxed: false });
  const model = await train(trainingDataOf(log), config, { engine });
  const scorer = model.scorer();
  const table = toTable(log.test);
  return repeating(() => evaluate(scorer, table, { cutoffs: [20], tieRule: 'standard' }));
}
