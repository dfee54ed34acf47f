import { isAbsolute, relative, resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { checkContinued, DEFAULT_PRESET, Gru4Rec, type ModelConfig, parseConfig } from '@gru4rec/model';
import { checkOutputFolder, expectFolder, lockOutput } from '../arguments/folders.ts';
import type { Command } from '../arguments/options.ts';
import { configPath, readConfig, readModel } from '../arguments/read-inputs.ts';
import { type TrainArguments, trainOptions } from '../arguments/train-options.ts';
import { chooseEngine } from '../engines/choose-engine.ts';
import { leaveBy, leaveOnSignal, type StopSignal } from '../terminal/leave-on-signal.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { Checkpoints } from '../training/checkpoints.ts';
import { learnNew } from '../training/learn-new.ts';
import { checkSize, hasEnded, type TrainRequest, trainAndSave } from '../training/train-and-save.ts';
import { openTrainingSource } from '../training/training-source.ts';
import { screenConfigs } from '../tuning/screen-configs.ts';

export const command: Command = {
  usage:
    '$0 train DATA --output MODEL [--config best|fast|FILE.json] [options]\n$0 train DATA --continue MODEL --output MODEL [options]\n\nTrains a model on a prepared dataset; a line per epoch.',
  options: trainOptions,
  examples: [
    'data --output model',
    'data --config fast --output model --set layers=100,50',
    'data --config rsc15.py --output model',
    'new-data --continue model --output model-2 --set nEpochs=3',
    'data --output model --budget 10m --set seed=2',
    'data --config mine.json --output model --log training.jsonl',
    'data --config mine.json --output model --checkpoint-every 10m --resume',
  ],
  run: runTrain,
};

async function runTrain(args: TrainArguments, terminal: Terminal): Promise<void> {
  const { stderr } = terminal;
  const read = await readRequest(args, terminal);
  const { output } = read;
  const unlocks = [lockOutput(output, 'train', stderr)];
  let stoppedBy: StopSignal | undefined;
  try {
    if (args.log !== undefined) {
      unlocks.push(lockOutput(resolve(terminal.directory, args.log), 'train', stderr));
    }
    const request = await withScreened(read);
    if (await hasEnded(request)) {
      stderr.write(`This run has ended: the model is in ${args.output}\n`);
      return;
    }
    if (args.newOnly) await learnNew(request);
    else stoppedBy = await trainAndSave(request);
  } finally {
    for (const unlock of unlocks) unlock();
  }
  if (stoppedBy) leaveBy(stoppedBy);
  stderr.write(`The model is in ${args.output}\n`);
}

async function readRequest(args: TrainArguments, terminal: Terminal): Promise<TrainRequest> {
  const { directory, stderr } = terminal;
  const [data, output] = [resolve(directory, args.data), resolve(directory, args.output)];
  checkLog(args, terminal);
  const { engine, facts } = await chooseEngine(args.engine, args);
  await expectFolder('DATA', data, 'a dataset');
  const continued = args.continue && resolve(directory, args.continue);
  let from: Gru4Rec | undefined;
  let learntToMs: number | undefined;
  if (continued) {
    await expectFolder('--continue', continued, 'a model');
    const stored = await readModel(continued);
    from = new Gru4Rec({ ...stored, engine });
    learntToMs = stored.dataset?.lastMs;
  }
  const config = await configOf(args, terminal, from);
  const checkpoints = new Checkpoints(output, stderr);
  return {
    args,
    terminal,
    engine,
    facts,
    from,
    continued,
    learntToMs,
    config,
    checkpoints,
    data,
    output,
  };
}

function checkLog({ log, output }: TrainArguments, { directory }: Terminal): void {
  if (log === undefined) return;
  const inside = relative(resolve(directory, output), resolve(directory, log));
  if (/^\.\.([\\/]|$)/.test(inside) || isAbsolute(inside)) return;
  throw new UsageError(`--log expected a file outside the folder of --output, got ${log} in ${output}`);
}

async function configOf(args: TrainArguments, terminal: Terminal, from?: Gru4Rec): Promise<ModelConfig> {
  const settings = args.set ?? {};
  if (from) {
    const config = parseConfig({ ...from.config, ...settings });
    checkContinued(from.config, config);
    return config;
  }
  const { directory, stderr } = terminal;
  return readConfig(configPath(directory, args.config ?? DEFAULT_PRESET), settings, stderr);
}

async function withScreened(request: TrainRequest): Promise<TrainRequest> {
  const { args, terminal, checkpoints, data, output, engine } = request;
  if (args.budget === undefined) return request;
  const resumed = args.resume ? await checkpoints.newest() : undefined;
  if (resumed) return { ...request, config: resumed.config };
  await checkOutputFolder(output, args.overwrite);
  await checkpoints.refuse(args.overwrite);
  const undo = leaveOnSignal();
  const source = await openTrainingSource(data, {
    config: request.config,
    expectFits: (items) => checkSize(request, items),
  });
  try {
    const config = await screenConfigs(source.dataset, {
      engine,
      budgetSeconds: args.budget,
      fixed: args.set ?? {},
      say: (line) => terminal.stderr.write(`${line}\n`),
    });
    return { ...request, config };
  } finally {
    await source.close();
    undo();
  }
}
