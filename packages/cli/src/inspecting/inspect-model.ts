import { basename, resolve } from 'node:path';
import type { ItemInfoTable } from '@gru4rec/dataset/items';
import { replaceFile } from '@gru4rec/durable-files';
import { metricNames, metrics } from '@gru4rec/metrics';
import { type EpochRecord, Gru4Rec, type StoredModel } from '@gru4rec/model';
import type { TrainingCourse, TrainingPoint } from '@gru4rec/report/pages';
import { loadRecommender, readItemInfoOf, readModel } from '../arguments/read-inputs.ts';
import { shownSettings } from '../arguments/settings.ts';
import { createEngine } from '../engines/choose-engine.ts';
import { printable, printableStart } from '../terminal/printable.ts';
import { count, formatDuration, groupDigits } from '../terminal/progress.ts';
import { plainTable } from '../terminal/tables.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type RunLine, readTrainingLog, type TrainingLogLine } from '../training/training-log.ts';

/** A training that has not ended has a log and no model: then `folder` is undefined. `page`: a file whose place was checked. */
export async function inspectModel(
  folder: string | undefined,
  { json, log }: { readonly json: boolean; readonly log: string | undefined },
  page: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const stored = folder === undefined ? undefined : await printModel(folder, json, terminal);
  if (page === undefined) return;
  await writeTrainingPage(page, {
    model: stored && { name: folder ?? '', ...stored },
    log: log && resolve(terminal.directory, log),
    title: folder ?? log ?? '',
  });
}

type NamedModel = StoredModel & { readonly name: string };

async function writeTrainingPage(
  file: string,
  { title, model, log }: { title: string; model: NamedModel | undefined; log: string | undefined },
): Promise<void> {
  // Loaded only here, because the library of its charts takes a second to load.
  const { trainingHtml } = await import('@gru4rec/report/pages');
  const lines = log === undefined ? [] : await readTrainingLog(log);
  const starts = lines.filter((line) => line.kind === 'run');
  if (log !== undefined && starts.length === 0) throw new Error(`The training log ${log} has no run`);
  const isLogged = starts.some(({ output }) => basename(output) === basename(model?.name ?? ''));
  const recorded = model && !isLogged ? [courseOfModel(model)] : [];
  const runs = [...recorded, ...coursesOf(starts, lines)];
  await replaceFile(file, [Buffer.from(trainingHtml({ title, runs }))]);
}

function courseOfModel({ name, history, config }: NamedModel): TrainingCourse {
  const points = history.map(({ epoch, loss, eventsPerSecond, validation: { recall, mrr } = {} }) => ({
    epoch,
    loss,
    eventsPerSecond,
    recall,
    mrr,
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

async function printModel(
  folder: string,
  json: boolean,
  { directory, stdout }: Terminal,
): Promise<StoredModel> {
  const path = resolve(directory, folder);
  const stored = await readModel(path);
  const { config, history, dataset, tensors } = stored;
  const info = await readItemInfoOf(path, stored.itemIds);
  const items = stored.itemIds.length;
  const parameters = parametersIn(tensors);
  const all = tensors.reduce((sum, { values }) => sum + values.length, 0);
  const memory = { parameterBytes: 4 * parameters, optimizerBytes: 4 * (all - parameters) };
  const itemInfo = info && { items: info.size, titles: info.hasTitles, groups: info.hasGroups };
  if (json) stdout.writeJson({ config, items, parameters, memory, history, dataset, itemInfo });
  else {
    const settings = Object.entries(shownSettings(config)).map(([key, value]) => `${key} ${value}`);
    const sections = [
      `${printable(folder)}: GRU4Rec, ${count(parameters, 'parameter')}, ${count(items, 'item')}`,
      wrap(settings, 98),
      `Memory: ${formatBytes(memory.parameterBytes)} parameters, ${formatBytes(memory.optimizerBytes)} optimiser`,
      formatItems(stored, info),
      formatHistory(history),
    ];
    stdout.write(`${sections.join('\n\n')}\n`);
  }
  return stored;
}

/** Numbers that are trained, without the state of the optimiser. */
function parametersIn(tensors: StoredModel['tensors']): number {
  return tensors.reduce((sum, { kind, values }) => (kind === 'slot' ? sum : sum + values.length), 0);
}

const EPOCHS_SHOWN = 10;

const VALIDATED = metricNames.filter((name) => !metrics[name].secondary);

function wrap(words: readonly string[], width: number): string {
  const lines = [''];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 2 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last}, ${word}`;
  }
  return lines.join(',\n');
}

const TITLE_CHARACTERS = 40;

function formatItems({ itemIds, dataset }: StoredModel, info: ItemInfoTable | undefined): string {
  const some = itemIds.slice(0, 5).map((id) => {
    const title = info?.get(id)?.title;
    return title === undefined
      ? printable(id)
      : `${printable(id)} (${printableStart(title, TITLE_CHARACTERS)})`;
  });
  const ids = wrap([...some, ...(itemIds.length > 5 ? ['…'] : [])], 98);
  const items = `Items: ${ids}${info ? describeInfo(info, itemIds.length) : ''}`;
  return `${items}${formatDataset(dataset)}`;
}

function formatDataset(dataset: StoredModel['dataset']): string {
  if (!dataset) return '';
  return `\nDataset: ${printable(dataset.directory)} (${printable(dataset.checksum.slice(0, 16))}…)`;
}

function describeInfo({ size, hasTitles, hasGroups }: ItemInfoTable, items: number): string {
  const columns = [...(hasTitles ? ['titles'] : []), ...(hasGroups ? ['groups'] : [])].join(' and ');
  return `\nItems file: ${columns || 'info'} of ${groupDigits(size)} of ${count(items, 'item')}`;
}

function formatHistory(history: readonly EpochRecord[]): string {
  if (history.length === 0) return 'No training is on record';
  const seconds = history.reduce((sum, r) => sum + r.seconds, 0);
  const events = history.reduce((sum, r) => sum + r.events, 0);
  const validated = history.some((r) => r.validation);
  const figures = VALIDATED.map((name) => `${metrics[name].label}@20`);
  const head = ['epoch', 'loss', 'events/s', ...(validated ? [...figures, ''] : [])];
  const all = history.map((record) => historyRow(record, validated));
  const half = EPOCHS_SHOWN / 2;
  const rows =
    all.length > EPOCHS_SHOWN
      ? [...all.slice(0, half), ['…', ...head.slice(1).fill('')], ...all.slice(-half)]
      : all;
  const total = `${count(history.length, 'epoch')}, ${count(events, 'event')}, ${formatDuration(seconds)}`;
  return `Training: ${total}\n${plainTable(head, rows, [head.indexOf('')])}`;
}

function historyRow(record: EpochRecord, validated: boolean): string[] {
  const { epoch, loss, eventsPerSecond, validation, kept, heldOut } = record;
  const row = [String(epoch), loss.toFixed(4), groupDigits(eventsPerSecond)];
  if (!validated) return row;
  const mark = kept ? 'kept' : heldOut ? 'held-out sessions' : '';
  return [...row, ...VALIDATED.map((name) => validation?.[name]?.toFixed(4) ?? ''), mark];
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `folder` as the user wrote it; `json`: one JSON object instead of text. */
export async function inspectRecommender(
  folder: string,
  json: boolean,
  { directory, stdout }: Terminal,
): Promise<void> {
  const engine = await createEngine('wasm:wasm');
  const recommender = await loadRecommender(resolve(directory, folder), { engine });
  // The folder may have been replaced by a model meanwhile.
  if (recommender instanceof Gru4Rec) throw new Error(`${folder} holds a GRU4Rec now. Inspect it again`);
  const { name, baseline, itemIds, dataset, tunedOn } = recommender;
  const { options } = baseline.from;
  const shown = Object.entries(options).map(([key, value]) => `, ${key} ${JSON.stringify(value)}`);
  const size = count(itemIds.length, 'item');
  if (json) {
    stdout.writeJson({
      name,
      items: itemIds.length,
      baseline: baseline.name,
      options,
      bytes: baseline.bytes,
      dataset,
      tunedOn,
    });
    return;
  }
  const title = `${printable(folder)}: ${printable(name)}, ${size}, ${formatBytes(baseline.bytes)}`;
  stdout.write(`${title}${shown.join('')}\n${formatDataset(dataset)}\n`);
}
