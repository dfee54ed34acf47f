import { join, resolve } from 'node:path';
import { type DatasetManifest, readItemInfo } from '@gru4rec/dataset';
import { type ItemIds, ItemIdTable } from '@gru4rec/dataset/ids';
import { ITEM_INFO_FILE, itemInfoLines, itemRowsOf } from '@gru4rec/dataset/items';
import {
  type EngineFacts,
  type Gru4Rec,
  type ModelConfig,
  readModelItemInfo,
  type TrainingSnapshot,
  TrainingStopped,
  trainedVariables,
} from '@gru4rec/model';
import { checkOutputFolder } from '../arguments/folders.ts';
import { readManifest } from '../arguments/read-inputs.ts';
import type { TrainArguments } from '../arguments/train-options.ts';
import type { ChosenEngine } from '../engines/choose-engine.ts';
import { commandLine, programName, readVersion } from '../terminal/invocation.ts';
import { interruptOnSignal, type StopSignal } from '../terminal/leave-on-signal.ts';
import { groupDigits } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Checkpoints } from './checkpoints.ts';
import { trainModel } from './train-model.ts';
import { TrainingLog } from './training-log.ts';
import { openTrainingSource, type TrainingSource } from './training-source.ts';

export interface TrainRequest extends Pick<ChosenEngine, 'engine' | 'facts'> {
  readonly args: TrainArguments;
  readonly terminal: Terminal;
  readonly from: Gru4Rec | undefined;
  readonly continued: string | undefined;
  readonly learntToMs: number | undefined;
  readonly config: ModelConfig;
  readonly checkpoints: Checkpoints;
  readonly data: string;
  readonly output: string;
}

/** Whether the run was killed after its model was saved. */
export async function hasEnded({ args, config, checkpoints, from, data }: TrainRequest): Promise<boolean> {
  if (!args.resume || args.overwrite) return false;
  const { checksum } = await readManifest(data);
  const epochsBefore = from?.history.at(-1)?.epoch ?? 0;
  return checkpoints.finish({ config, datasetChecksum: checksum, epochsBefore });
}

export async function trainAndSave(request: TrainRequest): Promise<StopSignal | undefined> {
  const { args, config, checkpoints, data, output } = request;
  await checkOutputFolder(output, args.overwrite);
  if (!args.resume) await checkpoints.refuse(args.overwrite);
  const expectFits = (items: number) => checkSize(request, items);
  const source = await openTrainingSource(data, { config, expectFits });
  try {
    return await trainOn(source, request);
  } finally {
    await source.close();
  }
}

const MONITORED = 1000;

/** Where the memory of WebAssembly ends, which native kernels work in too. */
const MOST_BYTES = 2 ** 32;

export function checkSize(
  { config, engine, from }: Pick<TrainRequest, 'config' | 'engine' | 'from'>,
  itemCount: number,
): void {
  if (engine.name !== 'wasm') return;
  const items = Math.max(itemCount, from?.itemIds.length ?? 0);
  const variables = trainedVariables(config, items);
  const bytes = 4 * variables.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  if (bytes <= MOST_BYTES) return;
  const perItem = variables.filter(({ rows }) => rows === items);
  const numbers = perItem.reduce((sum, { cols }) => sum + cols, 0);
  const named = perItem.map(({ name, cols }) => `${name} ${cols}`).join(', ');
  throw new Error(
    `train expected tables of at most 4 GiB, got ${(bytes / 2 ** 30).toFixed(1)} GiB: ${groupDigits(items)} items × ${numbers} numbers of 4 bytes (${named}). ` +
      'Lower layers or embedding, set momentum to 0, or prepare with a higher --min-item-support',
  );
}

async function trainOn(source: TrainingSource, request: TrainRequest): Promise<StopSignal | undefined> {
  const { dataset, manifest } = source;
  const { args, terminal, engine, facts, from, config, checkpoints, output } = request;
  const { stderr } = terminal;
  const resume = args.resume ? await checkpoints.newest() : undefined;
  if (args.resume) stderr.write(`${describeResumed(resume, args.output)}\n`);
  if (resume) stderr.write(warnOfOtherEngine(resume, { ...facts, engine: engine.name }));
  else await checkpoints.remove();
  const log = await openLog({ dataset, manifest }, request, resume);
  const { signal, undo } = interruptOnSignal();
  try {
    const model = await trainModel(dataset, config, {
      engine,
      stderr,
      signal,
      checkpoint: { every: args.checkpointEvery ?? {}, save: (snapshot) => checkpoints.save(snapshot) },
      engineFacts: facts,
      monitored: MONITORED,
      log,
      from,
      resume,
    });
    const { data, continued } = request;
    const lastMs = await source.lastMs();
    const vectors = config.itemVectors;
    await saveModel(model, output, { data, manifest, continued, vectors, directory: args.data, lastMs });
    await checkpoints.remove();
    return undefined;
  } catch (error) {
    if (!(error instanceof TrainingStopped)) throw error;
    stderr.write(`${describeStopped(error, args.output)}\n`);
    return signal.reason as StopSignal;
  } finally {
    undo();
  }
}

async function openLog(
  { dataset, manifest }: Pick<TrainingSource, 'dataset' | 'manifest'>,
  { args, terminal, engine, facts, from, config }: TrainRequest,
  resume: TrainingSnapshot | undefined,
): Promise<TrainingLog | undefined> {
  if (args.log === undefined) return undefined;
  const history = (resume ?? from)?.history ?? [];
  const steps = history.reduce((sum, record) => sum + record.steps, resume?.epoch.steps ?? 0);
  return TrainingLog.open(
    resolve(terminal.directory, args.log),
    {
      version: readVersion(),
      output: args.output,
      dataset: { directory: args.data, checksum: manifest.checksum },
      items: dataset.itemIds.length,
      engine: { ...facts, engine: engine.name },
      config: { ...config },
    },
    {
      stderr: terminal.stderr,
      ...(args.resume && { resumed: { epochs: history.at(-1)?.epoch ?? 0, steps } }),
    },
  );
}

function describeResumed(snapshot: TrainingSnapshot | undefined, output: string): string {
  if (!snapshot) return `${output}.checkpoints has no intact checkpoint: training starts at the beginning`;
  const { epoch, steps } = snapshot.epoch;
  return `Resuming from the checkpoint of epoch ${epoch}, step ${groupDigits(steps)}`;
}

/** It rounds otherwise. */
function warnOfOtherEngine({ engine: before }: TrainingSnapshot, now: EngineFacts): string {
  const [first, second] = [before, now].map((facts) =>
    Object.entries(facts)
      .map(([name, value]) => `${name} ${value}`)
      .sort()
      .join(', '),
  );
  if (first === second) return '';
  return `Warning: The interrupted run had ${first}, now ${second}: the model will differ as by another seed\n`;
}

function describeStopped({ epoch, step, cause }: TrainingStopped, output: string): string {
  const argv = process.argv.slice(2);
  const again = commandLine(argv.includes('--resume') ? argv : [...argv, '--resume'], programName());
  return (
    `Stopped by ${cause} in epoch ${epoch}, after step ${groupDigits(step)}; the checkpoint is in ` +
    `${output}.checkpoints. To resume: ${again}`
  );
}

interface ItemInfoFolders {
  readonly data: string;
  readonly manifest: DatasetManifest;
  readonly continued: string | undefined;
  /** Columns with vectors, which are left out: what comes of them is in the rows of items. */
  readonly vectors: readonly string[];
}

interface ModelOrigin extends ItemInfoFolders {
  /** The folder of the dataset, as the model records it. */
  readonly directory: string;
  readonly lastMs: number;
}

export async function saveModel(model: Gru4Rec, output: string, origin: ModelOrigin): Promise<void> {
  const { manifest, directory, lastMs } = origin;
  const itemInfo = await itemInfoToSave(model.itemIds, origin);
  const { logThrough } = (manifest.preparation ?? {}) as { logThrough?: string };
  const dataset = { checksum: manifest.checksum, directory, lastMs, logThrough };
  await model.save(output, { dataset, itemInfo });
}

/** What the dataset records, and of other items the continued model; undefined without both. */
async function itemInfoToSave(
  itemIds: ItemIds,
  { data, manifest, continued, vectors }: ItemInfoFolders,
): Promise<Uint8Array | undefined> {
  const ofData = await readItemInfo(data, manifest);
  const ofModel = continued === undefined ? undefined : await readModelItemInfo(continued);
  if (!ofData || (!ofModel && vectors.length === 0)) return ofData ?? ofModel;
  const sources = [
    itemRowsOf(ofData, join(data, ITEM_INFO_FILE)),
    itemRowsOf(ofModel ?? new Uint8Array(), join(continued ?? '', ITEM_INFO_FILE)),
  ];
  const chunks: Uint8Array[] = [];
  const lines = itemInfoLines(sources, ItemIdTable.of(itemIds), undefined, vectors);
  for await (const chunk of lines) chunks.push(chunk);
  return Buffer.concat(chunks);
}
