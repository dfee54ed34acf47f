import { writeFileSync } from 'node:fs';
import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import type { Surroundings } from './command-line.ts';
import type { ComparisonRow } from './comparison.ts';
import { loadProblem, readEnvironment } from './environment.ts';
import { recordRun, resultsPage } from './record.ts';
import { formatReport, type Report } from './report.ts';
import { runWithSettings, type Settings } from './settings.ts';
import { suites } from './suites/registry.ts';
import { loadForDevices } from './tensorflow.ts';

/** The parts of the process that the command uses. */
export interface BenchmarkSurroundings extends Surroundings {
  /** Why the machine is not ready to measure; undefined if it is. Default: by its load average. */
  readonly loadProblem?: () => string | undefined;
  /** The page that `--record` adds to. Default: RESULTS.md of the app. */
  readonly resultsPage?: string;
}

/**
 * `benchmark [--suite NAME …] [--json FILE] …`.
 * @returns exit status: 0; 1 if the machine is not ready to measure, an engine cannot run here; 2 if the command line is wrong.
 */
export function runBenchmark(words: readonly string[], surroundings: BenchmarkSurroundings): Promise<number> {
  const { print, complain } = surroundings;
  return runWithSettings(words, surroundings, async (settings) => {
    const problem = settings.force ? undefined : (surroundings.loadProblem ?? loadProblem)();
    if (problem !== undefined) {
      complain(`benchmark: ${problem}`);
      return 1;
    }
    const command = `pnpm --filter benchmark start ${withoutPlaces(words).join(' ')}`.trim();
    const report: Report = { ...(await measure(settings, complain)), command };
    print(formatReport(report));
    if (settings.json) writeFileSync(settings.json, `${JSON.stringify(report, undefined, 2)}\n`);
    if (settings.record) print(recordRun(report, surroundings.resultsPage ?? resultsPage));
    return 0;
  });
}

/** The words of a command line that others can repeat, without the paths of this machine. */
function withoutPlaces(words: readonly string[]): string[] {
  const places = ['--peer-directory', '--json'];
  return words.map((word, at) => {
    const [name = ''] = word.split('=', 1);
    if (places.includes(name)) return word.includes('=') ? `${name}=PATH` : word;
    if (places.includes(words[at - 1] ?? '')) return 'PATH';
    return /[^\w.,=-]/.test(word) ? `'${word}'` : word;
  });
}

async function measure(settings: Settings, onTurn: (line: string) => void): Promise<Omit<Report, 'command'>> {
  const chosen = Object.entries(suites).filter(([name]) => settings.suites.includes(name));
  // Before anything is measured, so that no measurement is lost if an engine cannot run here.
  const devices = chosen.flatMap(([name, { device }]) =>
    name === 'epoch' ? deviceOf(settings.engine.name) : (device ?? []),
  );
  const loaded = loadForDevices(devices) as LoadedTensorFlow;
  const environment = readEnvironment();
  const comparisons: ComparisonRow[] = [];
  for (const [, suite] of chosen) comparisons.push(...(await suite.measure({ ...settings, onTurn }, loaded)));
  return { environment, comparisons };
}

/** The device that TensorFlow must support for our engine in the suite epoch. */
function deviceOf(engine: Settings['engine']['name']): readonly Device[] {
  if (engine === 'tensorflow') return ['cpu'];
  return engine === 'cuda' ? ['gpu'] : [];
}
