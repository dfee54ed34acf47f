import { readDataset } from '@gru4rec/dataset';
import { type ModelConfig, train } from '@gru4rec/model';
import { createEngine, type EngineChoice } from '../engines/choose-engine.ts';
import { describeError } from '../terminal/describe-error.ts';
import { leaveSignalsToParent } from '../terminal/leave-on-signal.ts';

/** It writes no files, so it may be killed at any time. */
async function runTrial({ data, config, engine, threads }: TrialJob): Promise<void> {
  const { test: _, validation, ...dataset } = await readDataset(data);
  if (!validation) throw new Error(`The dataset ${data} has no validation split`);
  await train(dataset, config, {
    engine: await createEngine(engine, { threads }),
    validation,
    keepDiverged: true,
    onEpoch({ epoch, validation: measured }) {
      const value = measured?.[config.validationMetric] ?? Number.NaN;
      send({ kind: 'epoch', epoch, value });
    },
  });
  send({ kind: 'done' });
}

function send(message: TrialMessage): void {
  process.send?.(message);
}

leaveSignalsToParent();
process.on('disconnect', () => process.exit(0));
process.once('message', (job) => {
  runTrial(job as TrialJob)
    .catch((error: unknown) => send({ kind: 'failed', message: describeError(error) }))
    .finally(() => process.disconnect());
});

export interface TrialJob {
  readonly data: string;
  readonly config: ModelConfig;
  readonly engine: EngineChoice;
  readonly threads: number | undefined;
}

export type TrialMessage =
  | { readonly kind: 'epoch'; readonly epoch: number; readonly value: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };
