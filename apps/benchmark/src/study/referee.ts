import { join } from 'node:path';
import { pairedBootstrap } from '@gru4rec/metrics';
import { chosenOf, type Difference, type StudyRow, type StudySection } from '@gru4rec/report';
import type { JsonObject } from '@gru4rec/tuning';
import type { Program } from '../own-program.ts';
import { Cache } from './cache.ts';
import { codeVersion } from './code-version.ts';
import { type DataName, openStudyData } from './data-sets.ts';
import { BOOTSTRAP, describeRow, type MethodResult } from './describe-section.ts';
import { type FinalRun, FinalRuns } from './final-runs.ts';
import { figuresOf } from './fit.ts';
import { methods } from './methods.ts';
import type { PeerMethod } from './peer-methods.ts';
import { PeerRuns } from './peer-runs.ts';
import type { StudySettings } from './run-study.ts';

/** A method of another program on one data set, beside the GRU4Rec that validation chose there. */
export interface RefereedMethod {
  readonly row: StudyRow;
  /** The peer's figures minus those of the GRU4Rec, trained with the same seed; undefined if the study has none on this data. */
  readonly lead?: {
    readonly over: string;
    readonly recall: Difference;
    readonly mrr: Difference;
  };
}

/** Methods of other programs on one data set. */
export interface RefereeSection {
  readonly data: string;
  /** Of the training and test sessions. */
  readonly checksum: string;
  readonly methods: readonly RefereedMethod[];
}

/** Data sets, budget and methods of the runs of other programs. */
export interface RefereeSettings
  extends Pick<StudySettings, 'names' | 'source' | 'output' | 'workshop' | 'say'> {
  /** Seconds of processor time for the trials of each method. */
  readonly budgetSeconds: number;
  /** Seed of all trainings. */
  readonly seed: number;
  readonly methods: readonly PeerMethod[];
  readonly programOf: (method: PeerMethod) => Program;
  /** Sections of the recorded study, for the GRU4Rec to compare with. */
  readonly recorded: readonly StudySection[];
}

/**
 * Tunes, fits and evaluates methods of other programs, and compares each with the GRU4Rec that the recorded study chose. What an
 * earlier run finished is read from the cache.
 */
export async function runReferee(settings: RefereeSettings): Promise<RefereeSection[]> {
  const sections: RefereeSection[] = [];
  for (const name of settings.names) sections.push(await refereeOne(name, settings));
  return sections;
}

async function refereeOne(name: DataName, settings: RefereeSettings): Promise<RefereeSection> {
  const { output, source, say, seed, workshop, recorded } = settings;
  const folder = join(output, name);
  const code = codeVersion();
  const data = await openStudyData(name, source, { folder, cache: new Cache(folder, { name, code }) });
  const { checksum } = data.final.manifest;
  // Runs of other programs do not depend on the code of ours, but for that of the data.
  const peers = new PeerRuns(data, new Cache(folder, { name, data: data.checksum }), settings);
  const checked = settings.methods.find(({ peer }) => peer === 'rectools');
  if (checked) await peers.checkRanks(checked);
  const found: { readonly result: MethodResult; readonly run: FinalRun }[] = [];
  for (const method of settings.methods) {
    say(`${name}: tuning ${method.title}`);
    const { values, epochs, ...tuning } = await peers.tune(method);
    const { full, seconds } = tuning;
    say(
      `${name}: ${full} trials, ${seconds.toFixed(0)} s; ${epochs.toFixed(1)} epochs of ${JSON.stringify(values)}`,
    );
    workshop.signal.throwIfAborted();
    const run = await peers.run(method, { values, epochs });
    const { recall, mrr } = figuresOf(run.evaluation);
    say(`${name}: ${method.title}: recall ${recall.toFixed(4)}, MRR ${mrr.toFixed(4)}`);
    const shown = { ...values, epochs: Number(epochs.toFixed(2)) };
    found.push({
      run,
      result: { title: method.title, family: 'peer', values: shown, tuning, runs: [run] },
    });
  }
  const section = recorded.find((one) => one.name === name && one.checksum === checksum);
  const chosen = section && chosenOf(section.rows);
  const method = methods.find(({ title }) => title === chosen?.name);
  const finals = new FinalRuns(data, new Cache(folder, { name, code, data: data.checksum }), workshop);
  const ours =
    chosen?.values && method && (await finals.run({ method, values: chosen.values as JsonObject }, seed));
  return {
    ...{ data: name, checksum },
    methods: found.map(({ result, run }) => ({
      row: describeRow(result, {}),
      ...(ours && chosen && { lead: leadOver(chosen.name, run, ours) }),
    })),
  };
}

function leadOver(over: string, run: FinalRun, ours: FinalRun): NonNullable<RefereedMethod['lead']> {
  const { recall, mrr } = pairedBootstrap([run.evaluation], [ours.evaluation], BOOTSTRAP);
  return { over, recall, mrr };
}
