import { proxy } from 'comlink';
import { useState } from 'preact/hooks';
import { messageOf } from '../use-models.ts';
import type { Workers } from '../worker/open-workers.ts';
import type { HeldOutFigures, TrainProgress } from '../worker/train-here.ts';
import { mostEpochs } from '../worker/train-settings.ts';
import type { Opened, TrainRequest } from '../worker/worker.ts';
import type { CurvePoint } from './curve.ts';
import { groupDigits } from './numbers.ts';

/** A run, as it is shown. */
interface Run {
  readonly state: 'idle' | 'training' | 'evaluating' | 'done' | 'stopped' | 'failed';
  /** The most epochs of the run; undefined before the first one. */
  readonly epochs?: number;
  readonly loss: readonly CurvePoint[];
  readonly recall: readonly CurvePoint[];
  readonly figures: readonly HeldOutFigures[];
  readonly status: string;
  readonly error?: string;
}

/** The run of the page, and what can be done to it. */
export interface Training extends Run {
  readonly running: boolean;
  readonly start: (request: TrainRequest) => void;
  readonly stop: () => void;
}

const IDLE: Run = { state: 'idle', loss: [], recall: [], figures: [], status: '' };

/** @param onTrained - called with the model of a run that was not stopped. */
export function useTraining(workers: Workers, onTrained: (opened: Opened) => void): Training {
  const [run, setRun] = useState<Run>(IDLE);
  const start = async (request: TrainRequest): Promise<void> => {
    const epochs = mostEpochs(request.settings);
    setRun({ ...IDLE, state: 'training', epochs, status: 'Preparing …' });
    const opened = await (await workers.main).train(
      request,
      proxy((progress: TrainProgress) => setRun((before) => withProgress(before, progress, epochs))),
      proxy((figures: HeldOutFigures) =>
        setRun((before) => ({ ...before, figures: [...before.figures, figures] })),
      ),
    );
    if (opened) onTrained(opened);
    setRun((before) => ({
      ...before,
      state: opened ? 'done' : 'stopped',
      status: endOf(before, opened !== undefined),
    }));
  };
  return {
    ...run,
    running: run.state === 'training' || run.state === 'evaluating',
    start: (request) => {
      start(request).catch((error: unknown) => {
        setRun((before) => ({
          ...before,
          state: 'failed',
          status: 'Training failed.',
          error: messageOf(error),
        }));
      });
    },
    stop: () => {
      workers.main.then((main) => main.stop());
    },
  };
}

function withProgress(
  run: Run,
  { epochs: done, loss, eventsPerSecond, recall, ended }: TrainProgress,
  epochs: number,
): Run {
  const speed = `${groupDigits(eventsPerSecond)} events/s`;
  const present = loss ?? run.loss.at(-1)?.[1];
  return {
    ...run,
    state: ended ? 'evaluating' : 'training',
    loss: loss === undefined ? run.loss : [...run.loss, [done, loss]],
    recall: recall === undefined ? run.recall : [...run.recall, [done, recall]],
    status: ended
      ? `${speed} · evaluating on held-out sessions …`
      : `Epoch ${Math.min(Math.floor(done) + 1, epochs)} of ${epochs} · loss ${present?.toFixed(2) ?? '–'} · ${speed}`,
  };
}

function endOf({ status }: Run, complete: boolean): string {
  if (!complete) return 'Stopped.';
  return `${status.split(' · ')[0]} · done.`;
}
