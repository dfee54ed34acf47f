import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { lockOutput, replaceFile } from '@gru4rec/durable-files';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/kernels-native';
import { studyHtml, studyMarkdown } from '@gru4rec/report';
import yargs from 'yargs';
import { type ArgumentsOf, Failure, runCommand, type Surroundings, UsageError } from '../command-line.ts';
import { readEnvironment } from '../environment.ts';
import type { Program } from '../own-program.ts';
import { defaultPeerDirectory, peerProblem } from '../peers/peers.ts';
import { peerProgram } from '../peers/run-peer.ts';
import { type DataName, dataNames } from './data-sets.ts';
import { measurePresets } from './measure-presets.ts';
import { type PeerMethod, peerMethods } from './peer-methods.ts';
import { presetMarkdown } from './preset-table.ts';
import { readRecordedStudy } from './recorded-study.ts';
import { runReferee } from './referee.ts';
import { refereeMarkdown } from './referee-table.ts';
import { runStudy } from './run-study.ts';

/**
 * `study [--only DATA…] [--budget HOURS] [--data-folder FOLDER] …`.
 * @returns exit status: 0; 2 if the command line is wrong.
 * @throws the reason of the signal when it aborts; errors of the data.
 */
export function runStudyCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  return runCommand('study', studyParser(), words, surroundings, async (found) => {
    const output = surroundings.resolvePath(found.output);
    const unlock = lockOutput(join(output, 'study.json'), 'study', () => {});
    try {
      await study(found, surroundings);
      return 0;
    } finally {
      unlock();
    }
  });
}

type Options = ArgumentsOf<typeof studyParser>;

async function study(found: Options, surroundings: Surroundings): Promise<void> {
  const { resolvePath, print, complain, signal = new AbortController().signal } = surroundings;
  const { threads, seeds, budget } = checkNumbers(found);
  const native = findNativeKernels().kernels;
  const engine = createWasmEngine({ threads, native });
  const output = resolvePath(found.output);
  const settings = {
    names: dataNames.filter((name) => found.only.includes(name)),
    source: {
      dataFolder: found['data-folder'] === undefined ? undefined : resolvePath(found['data-folder']),
      shop: { events: found['shop-events'], items: found['shop-items'] },
    },
    seeds,
    output,
    workshop: { engine, threads, signal },
    say: complain,
  };
  if (found.presets) {
    const rows = await measurePresets(settings);
    print(presetMarkdown(rows, readRecordedStudy().sections));
    return;
  }
  const peers = peerMethods.filter(({ id }) => found.peers?.includes(id));
  if (peers.length > 0) {
    const directory = found['peer-directory'];
    const sections = await runReferee({
      ...settings,
      ...{ budgetSeconds: Math.ceil((3600 * budget) / (settings.names.length * peers.length)) },
      ...{ seed: seeds[0] ?? 1, methods: peers },
      recorded: readRecordedStudy().sections,
      programOf: programsIn(
        directory === undefined ? resolve(defaultPeerDirectory) : resolvePath(directory),
        peers,
      ),
    });
    print(refereeMarkdown(sections));
    return;
  }
  const report = await runStudy({
    ...settings,
    budgetHours: budget,
    origin: {
      processor: readEnvironment().cpu,
      kernels: native?.instructionSet ?? 'WebAssembly',
      threads,
      node: process.version,
    },
  });
  const files = {
    'study.html': studyHtml(report),
    'study.md': studyMarkdown(report),
    'study.json': `${JSON.stringify(report, undefined, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files))
    await replaceFile(join(output, name), [Buffer.from(text)]);
  print(studyMarkdown(report));
  complain(
    `The study is in ${found.output}: open study.html; tuned configurations are in its folder configs`,
  );
}

/** @throws Failure naming the first peer that is not installed. */
function programsIn(directory: string, used: readonly PeerMethod[]): (method: PeerMethod) => Program {
  for (const { peer } of used) {
    const problem = peerProblem(directory, peer);
    if (problem !== undefined) throw new Failure(`study: ${peer} ${problem}`);
  }
  return ({ peer, runner }) => peerProgram(directory, peer, runner);
}

function checkNumbers({
  budget,
  threads = availableParallelism(),
  seeds,
}: Pick<Options, 'budget' | 'threads' | 'seeds'>) {
  if (!(budget > 0)) throw new UsageError(`study: --budget expected hours > 0, got ${budget}`);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new UsageError(`study: --threads expected an integer ≥ 1, got ${threads}`);
  }
  const numbers = seeds.map(Number);
  if (numbers.length === 0 || !numbers.every((seed) => Number.isInteger(seed) && seed >= 0)) {
    throw new UsageError(`study: --seeds expected integers ≥ 0, got ${seeds.join(' ')}`);
  }
  return { budget, threads, seeds: numbers };
}

function studyParser() {
  const number = { type: 'number', requiresArg: true } as const;
  const text = { type: 'string', requiresArg: true } as const;
  return yargs()
    .scriptName('study')
    .usage(
      '$0',
      'Offers every baseline and GRU4Rec the same time for tuning on each data set, and writes one table and one page. The same command continues what was interrupted.',
    )
    .option('only', {
      ...text,
      array: true,
      choices: dataNames,
      default: dataNames as readonly DataName[],
      describe: 'Data sets',
    })
    .option('budget', {
      ...number,
      default: 8,
      describe: 'Hours of tuning, shared equally by methods and data sets',
    })
    .option('threads', { ...number, describe: 'Threads of everything; all cores if not given' })
    .option('data-folder', { ...text, describe: 'Folder with a folder per published data set' })
    .option('seeds', {
      ...text,
      array: true,
      default: ['1', '2', '3'],
      describe: 'Seeds of the final trainings',
    })
    .option('output', { ...text, default: '.gru4rec/study', describe: 'Folder of the results and the cache' })
    .option('presets', {
      type: 'boolean',
      default: false,
      describe: 'Only train the presets, and print them beside the best that is known and untuned neighbours',
    })
    .option('peers', {
      ...text,
      array: true,
      choices: peerMethods.map(({ id }) => id),
      describe: 'Only tune and evaluate these methods of other programs, beside the recorded study',
    })
    .option('peer-directory', { ...text, describe: 'Folder of the installed peers, if not the default' })
    .option('shop-events', { ...number, default: 500_000, describe: 'Clicks of the generated shop log' })
    .option('shop-items', { ...number, default: 10_000, describe: 'Items of the generated shop log' });
}
