import { basename } from 'node:path';
import { replaceFile } from '@gru4rec/durable-files';
import type { StoredModel } from '@gru4rec/model';
import { type TrainingCourse, type TrainingPoint, trainingHtml } from '@gru4rec/report/pages';
import { shownSettings } from '../arguments/settings.ts';
import { type RunLine, readTrainingLog, type TrainingLogLine } from './training-log.ts';

export interface TrainingPage {
  readonly title: string;
  readonly model: (Pick<StoredModel, 'history' | 'config'> & { readonly name: string }) | undefined;
  readonly log: string | undefined;
}

/** The log's run by the name of the model's folder replaces its history: it has more figures. `file` is replaced as a whole. */
export async function writeTrainingPage(file: string, { title, model, log }: TrainingPage): Promise<void> {
  const lines = log === undefined ? [] : await readTrainingLog(log);
  const starts = lines.filter((line) => line.kind === 'run');
  if (log !== undefined && starts.length === 0) throw new Error(`The training log ${log} has no run`);
  const isLogged = starts.some(({ output }) => basename(output) === basename(model?.name ?? ''));
  const own = model && !isLogged ? [courseOfModel(model)] : [];
  const runs = [...own, ...coursesOf(starts, lines)];
  await replaceFile(file, [Buffer.from(trainingHtml({ title, runs }))]);
}

function courseOfModel({ name, history, config }: NonNullable<TrainingPage['model']>): TrainingCourse {
  const points = history.map(({ epoch, loss, eventsPerSecond, validation: { recall, mrr } = {} }) => ({
    ...{ epoch, loss, eventsPerSecond, recall, mrr },
  }));
  return { name: basename(name), points, facts: shownSettings(config) };
}

function coursesOf(starts: readonly RunLine[], lines: readonly TrainingLogLine[]): TrainingCourse[] {
  return starts.map((start, at) => {
    const before = starts.slice(0, at).filter(({ output }) => output === start.output).length;
    return {
      name: before === 0 ? start.output : `${start.output} (${before + 1})`,
      points: lines.filter(({ run }) => run === start.run).flatMap(pointsOf),
      facts: loggedFacts(start),
    };
  });
}

function pointsOf(line: TrainingLogLine): TrainingPoint[] {
  if (line.kind === 'epoch') {
    const { epoch, loss, recall, mrr, learningRate, eventsPerSecond } = line;
    return [{ epoch, loss, recall, mrr, learningRate, eventsPerSecond }];
  }
  if (line.kind !== 'report') return [];
  const { epoch, events, eventsPerEpoch, loss, learningRate, eventsPerSecond } = line;
  return [{ epoch: epoch - 1 + events / eventsPerEpoch, loss, learningRate, eventsPerSecond }];
}

function loggedFacts({ time, dataset, items, engine, version, config }: RunLine): TrainingCourse['facts'] {
  return {
    started: time,
    dataset: dataset.directory,
    items,
    engine: Object.values(engine).join(', '),
    version,
    ...shownSettings(config),
  };
}
