import { writeFileSync } from 'node:fs';
import { EngineUnavailableError } from '@gru4rec/program';
import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import { reachesGoal } from './comparison.ts';
import { readEnvironment } from './environment.ts';
import { UsageError } from './parse-words.ts';
import { formatReport, type Report } from './report.ts';
import { recordRun, resultsFolder } from './results/record.ts';
import { parseSettings, type Settings } from './settings.ts';
import { measureBatcher } from './suites/batcher.ts';
import { type CudaResult, measureCuda } from './suites/cuda.ts';
import { measureEpochs } from './suites/epoch.ts';
import { measureEvaluations } from './suites/evaluation.ts';
import { measureIds } from './suites/ids.ts';
import { measureLosses } from './suites/loss.ts';
import { measurePreparation } from './suites/prepare.ts';
import { measureRecommendations } from './suites/recommend.ts';
import { measureSampler } from './suites/sampler.ts';
import { measureScale } from './suites/scale.ts';
import { measureServing } from './suites/serve.ts';
import { measureStarts } from './suites/start.ts';
import { measureSteps } from './suites/step.ts';
import { measureStreams } from './suites/stream.ts';
import { measureSweep } from './suites/sweep.ts';
import { measureTensorFlow } from './suites/tensorflow.ts';
import { measureThreads } from './suites/threads.ts';
import { loadForDevices } from './tensorflow.ts';

/** The parts of the process that the command uses. */
export interface Surroundings {
  readonly resolvePath: (path: string) => string;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Why the machine is not ready to measure; undefined if it is. */
  readonly loadProblem: () => string | undefined;
  /** Folder that `--record` writes to. Default: the `results` folder of the app. */
  readonly resultsFolder?: string;
}

/**
 * `benchmark [--suite NAME …] [--prototype DIR] [--json FILE] …`.
 * @returns exit status: 0; 1 if the machine is not ready to measure, an engine cannot run here, a recorded run was not
 *   reproduced or a start exceeded its limit; 2 if the command line is wrong.
 */
export async function runBenchmark(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, complain } = surroundings;
  try {
    const settings = parseSettings(words, surroundings.resolvePath);
    if (typeof settings === 'string') {
      print(settings);
      return 0;
    }
    const problem = settings.force ? undefined : surroundings.loadProblem();
    if (problem !== undefined) {
      complain(`benchmark: ${problem}`);
      return 1;
    }
    const command = `pnpm --filter benchmark start ${withoutPlaces(words).join(' ')}`.trim();
    const report = { ...(await measure(settings, complain)), command };
    print(formatReport(report));
    if (report.goldens?.some(({ passed }) => !passed))
      complain('benchmark: a recorded run was not reproduced');
    if (settings.json) writeFileSync(settings.json, `${JSON.stringify(report, undefined, 2)}\n`);
    if (settings.record) print(recordRun(report, surroundings.resultsFolder ?? resultsFolder));
    const slow = (report.comparisons ?? []).filter((row) => row.suite === 'start' && !reachesGoal(row));
    for (const { name } of slow) complain(`benchmark: ${name} exceeded its time limit`);
    return slow.length > 0 || report.goldens?.some(({ passed }) => !passed) ? 1 : 0;
  } catch (error) {
    const unavailable = error instanceof EngineUnavailableError;
    if (!unavailable && !(error instanceof UsageError)) throw error;
    complain(unavailable ? `benchmark: ${error.message}` : error.message);
    return unavailable ? 1 : 2;
  }
}

/** The words of a command line that others can repeat, without the paths of this machine. */
function withoutPlaces(words: readonly string[]): string[] {
  const places = ['--prototype', '--peer-directory', '--json'];
  return words.map((word, at) => {
    const [name = ''] = word.split('=', 1);
    if (places.includes(name)) return word.includes('=') ? `${name}=PATH` : word;
    if (places.includes(words[at - 1] ?? '')) return 'PATH';
    return /[^\w.,=-]/.test(word) ? `'${word}'` : word;
  });
}

async function measure(settings: Settings, tell: (line: string) => void): Promise<Omit<Report, 'command'>> {
  const { suites, prototype } = settings;
  // Before anything is measured, so that no measurement is lost if an engine cannot run here.
  const loaded = loadForDevices(devicesOf(settings));
  const environment = readEnvironment();
  const parts = await measureParts(settings);
  const { goldens, rows } = loaded
    ? await measureOnTensorFlow(settings, loaded, tell)
    : { goldens: [], rows: [] };
  const comparisons = [...(await measureComparisons(settings, tell)), ...rows];
  const sweep = suites.includes('sweep') ? { sweep: measureSweep({ ...settings, onPoint: tell }) } : {};
  const withoutPrototype = suites.includes('step') && !prototype;
  const skipped = withoutPrototype ? ['prototype: no folder given, see --prototype'] : [];
  return {
    environment,
    ...parts,
    ...(goldens.length > 0 ? { goldens } : {}),
    ...(comparisons.length > 0 ? { comparisons } : {}),
    ...sweep,
    skipped,
  };
}

/** The devices that TensorFlow must support. */
function devicesOf({ suites, engine }: Settings): Device[] {
  const { name = 'wasm' } = suites.includes('epoch') ? engine : {};
  return [
    ...(suites.includes('tensorflow') || name === 'tensorflow' ? (['cpu'] as const) : []),
    ...(suites.includes('cuda') || name === 'cuda' ? (['gpu'] as const) : []),
  ];
}

/** Measures the parts of a training step, on one thread by default. */
async function measureParts({
  suites,
  seconds,
  rounds,
  engine,
  prototype,
}: Settings): Promise<Partial<Report>> {
  const single = { threads: 1, relaxed: false, ...engine };
  const options = { seconds, rounds, engine: single, ...(prototype ? { prototype } : {}) };
  return {
    ...(suites.includes('step') ? { steps: await measureSteps(options) } : {}),
    ...(suites.includes('loss') ? { losses: measureLosses(options) } : {}),
    ...(suites.includes('sampler') ? { sampler: await measureSampler({ seconds }) } : {}),
    ...(suites.includes('batcher') ? { batcher: await measureBatcher({ seconds }) } : {}),
  };
}

async function measureComparisons(settings: Settings, onTurn: (line: string) => void) {
  const suites = {
    epoch: measureEpochs,
    prepare: measurePreparation,
    scale: measureScale,
    evaluation: measureEvaluations,
    recommend: measureRecommendations,
    ids: measureIds,
    stream: measureStreams,
    start: measureStarts,
    serve: measureServing,
    threads: measureThreads,
  };
  const rows = [];
  for (const [name, measureSuite] of Object.entries(suites)) {
    if (settings.suites.includes(name)) rows.push(...(await measureSuite({ ...settings, onTurn })));
  }
  return rows;
}

/** Numbers of steps per call to try in addition to one. */
const stepsPerCall = [2, 4, 8, 16];

async function measureOnTensorFlow(
  settings: Settings,
  loaded: LoadedTensorFlow,
  onTurn: (line: string) => void,
): Promise<CudaResult> {
  const { suites } = settings;
  const options = { ...settings, loaded, stepsPerCall, onTurn };
  const onCpu = suites.includes('tensorflow')
    ? await measureTensorFlow({ ...options, devices: ['cpu'] })
    : [];
  const { goldens, rows } = suites.includes('cuda') ? await measureCuda(options) : { goldens: [], rows: [] };
  return { goldens, rows: [...onCpu, ...rows] };
}
