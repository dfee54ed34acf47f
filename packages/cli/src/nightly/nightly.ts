import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { showNames } from '@gru4rec/checks';
import { keepSessions, type SessionDataset, type SessionTable } from '@gru4rec/dataset';
import { recover, replaceFile } from '@gru4rec/durable-files';
import { type Evaluation, evaluate, metrics, pairedBootstrap } from '@gru4rec/metrics';
import { addItems, Gru4Rec, isFresh, type ModelConfig, parseConfig } from '@gru4rec/model';
import {
  type AppendOptions,
  append,
  type LoggedFile,
  loggedFiles,
  NoSessionError,
} from '@gru4rec/preprocess';
import type { Engine } from '@gru4rec/program';
import { RESAMPLES } from '../arguments/evaluation.ts';
import { readDataset, readManifest, readModel } from '../arguments/read-inputs.ts';
import {
  changeVersions,
  currentVersion,
  makeCurrent,
  newVersion,
  readRecord,
  strangeIn,
  type VersionRecord,
  versionsIn,
  writeRecord,
} from '../project/versions.ts';
import { commandLine, programName } from '../terminal/invocation.ts';
import { count, groupDigits } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { describeLearnt, learnLater } from '../training/learn-new.ts';
import { saveModel } from '../training/train-and-save.ts';
import { trainModel } from '../training/train-model.ts';
import { latest } from '../training/training-source.ts';
import { addNight, LIMIT, meanOf } from './evidence.ts';
import { findStrange } from './strange.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Days whose held-out sessions judge a model. */
const JUDGED_DAYS = 14;

export interface Night {
  readonly data: string;
  readonly models: string;
  readonly events: string;
  readonly items: string | undefined;
  readonly itemColumns: AppendOptions['itemColumns'];
  /** The dataset, as models record it. */
  readonly dataName: string;
  readonly keepMs: number | undefined;
  /** Trains from the beginning once this number of versions continue each other; 0: only after a loss that built up. */
  readonly anew: number;
  readonly versions: number;
  readonly config: () => Promise<ModelConfig>;
  /** Whether `train` takes `config`, and no budget chooses another one. */
  readonly isConfigured: boolean;
  readonly engine: Engine;
  readonly nowMs: number;
}

export interface NightReport {
  readonly days: readonly string[];
  /** Files of the event log with clicks that no night appends. */
  readonly late: readonly string[];
  readonly current: string;
  /** What was made, and how it did; undefined if the current version was made from this dataset. */
  readonly made: VersionRecord | undefined;
}

/** One night. A run that was killed is completed by the next one. */
export async function runNight(night: Night, terminal: Terminal): Promise<NightReport> {
  const { data, models } = night;
  const say = (line: string) => terminal.stderr.write(`${line}\n`);
  await recover(data);
  for (const name of readdirSync(models)) {
    await recover(join(models, name.replace(/^\.(.+)\.work-\w+$/, '$1')));
  }
  const { days, late } = await appendDays(night, say);
  const { checksum } = await readManifest(data);
  const current = currentVersion(models);
  let made = recordsIn(models).findLast(({ dataset }) => dataset === checksum);
  if (made?.isDone && current !== undefined) {
    say(`${made.version} was made from this dataset: nothing to do`);
    return { days, late, current, made: undefined };
  }
  made ??= await makeVersion(night, current, terminal);
  if (made === undefined) {
    say(`${current} has learnt every click of the dataset: nothing to do`);
    return { days, late, current: current as string, made };
  }
  await rm(strangeIn(models), { force: true });
  let isDone = true;
  if (made.verdict?.isWorse) await explainRefusal(night, made, terminal);
  else {
    const overtaken = await makeCurrent(models, made.version, made.replaces);
    if (overtaken !== undefined) say(overtaken);
    isDone = overtaken === undefined;
  }
  await writeRecord(models, { ...made, isDone });
  await changeVersions(models, () => removeOld(night, say));
  return { days, late, current: currentVersion(models) ?? '', made };
}

const recordsIn = (models: string) =>
  versionsIn(models).flatMap((version) => readRecord(models, version) ?? []);

/** Appends the days that have ended, behind the last one of the dataset. */
async function appendDays(
  { data, dataName, events, items: itemsFile, itemColumns, keepMs, nowMs }: Night,
  say: (line: string) => void,
): Promise<Pick<NightReport, 'days' | 'late'>> {
  const { preparation } = await readManifest(data);
  const { logThrough = '' } = preparation as { logThrough?: string };
  const files = dayFiles(events);
  const keptFromMs = nowMs - (keepMs ?? nowMs);
  const old = files.filter(({ day }) => day <= logThrough && Date.parse(day) + DAY_MS > keptFromMs);
  const late = sayLate(old, loggedFiles(preparation), say);
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const later = files.filter(({ day }) => day > logThrough && day < today);
  const last = later.at(-1);
  // The clock may be ahead.
  if (last && last === files.at(-1) && nowMs - last.mtimeMs < HOUR_MS) {
    later.pop();
    say(`${last.name} may still grow: it was written within an hour, and no later day has begun`);
  }
  if (later.length === 0) {
    say(`No new day in the event log${logThrough && ` after ${logThrough}`}`);
    return { days: [], late };
  }
  const days = later.map(({ day }) => day);
  const range = days.length === 1 ? days[0] : `${days[0]} to ${days.at(-1)}`;
  const report = await append({
    inputs: later.map(({ path }) => path),
    output: data,
    items: itemsFile,
    itemColumns,
    lateSessions: 'keep',
    onBadRow: 'skip',
    keepMs,
  }).catch((error: unknown) => {
    if (error instanceof NoSessionError) return undefined;
    throw error;
  });
  if (!report) {
    say(`Nothing to append: ${range} has no session that is long enough`);
    return { days: [], late };
  }
  const { sessions, events: clicks, items } = report.added;
  if (report.badRows > 0)
    say(`${count(report.badRows, 'bad row')} skipped, listed in ${dataName}/bad-rows.tsv`);
  say(
    `Appended ${range}: ${count(sessions, 'session')} of ${count(clicks, 'event')}, ${count(items, 'new item')}`,
  );
  return { days, late };
}

/** One file per day of the log, in order: the plain one, because its gzip may be half written. */
function dayFiles(events: string) {
  const names = existsSync(events) ? readdirSync(events).sort() : [];
  const files = names.flatMap((name) => {
    const [, day] = /^(\d{4}-\d\d-\d\d)\.jsonl(\.gz)?$/.exec(name) ?? [];
    if (day === undefined) return [];
    const path = join(events, name);
    const { size: bytes, mtimeMs } = statSync(path);
    return bytes > 0 ? { day, name, path, bytes, mtimeMs } : [];
  });
  return files.filter(({ day }, at) => day !== files[at - 1]?.day);
}

/** @returns the names of the files with clicks that the dataset lacks. */
function sayLate(
  files: ReturnType<typeof dayFiles>,
  added: readonly LoggedFile[],
  say: (line: string) => void,
): string[] {
  return files.flatMap(({ day, name, path, bytes }) => {
    const before = added.filter((file) => file.day === day);
    if (before.some((file) => file.file !== name || file.bytes >= bytes)) return [];
    const words = ['prepare', '--append', '--late-sessions', 'keep', '--input', path];
    say(
      before.length === 0
        ? `${name} came after later days were added. Add it, or move it away: ${commandLine(words, programName())}`
        : `${name} has grown since it was added. Prepare the event log anew`,
    );
    return name;
  });
}

async function makeVersion(
  night: Night,
  current: string | undefined,
  terminal: Terminal,
): Promise<VersionRecord | undefined> {
  const { data, models, engine, nowMs } = night;
  const { stderr } = terminal;
  const say = (line: string) => stderr.write(`${line}\n`);
  const dataset = await readDataset(data);
  const { manifest, train } = dataset;
  const lastMs = latest(train.times);
  const last = recordsIn(models).at(-1);
  const refused = last?.verdict?.isWorse ? last.verdict : undefined;
  const { setAside = [] } = last ?? {};
  const asideMs = setAside.reduce((sum, { afterMs, toMs }) => sum + toMs - afterMs, 0);
  const judgedFromMs = lastMs - JUDGED_DAYS * DAY_MS - asideMs;
  const folder = current && join(models, current);
  const stored = folder ? await readModel(folder) : undefined;
  const old = stored && new Gru4Rec({ ...stored, engine });
  if (old && night.isConfigured) sayIgnored(old.config, await night.config(), say);
  const record = current ? readRecord(models, current) : undefined;
  const nights = record?.nights ?? 0;
  const isDue = night.anew > 0 && nights >= night.anew;
  const continues = old !== undefined && !isDue && !(refused && builtUp(refused));
  const learntToMs = stored?.dataset?.lastMs;
  const heldOutFromMs = continues ? (record?.heldOutFromMs ?? learntToMs ?? judgedFromMs) : judgedFromMs;
  const { learnt, heldOut } = partsOf(train, heldOutFromMs);
  const kept = keepSessions(dataset, learnt);
  let model: Gru4Rec;
  if (!continues) {
    const config = old?.config ?? (await night.config());
    model = await trainModel(kept, config, { engine, stderr });
  } else if (learntToMs !== undefined && !hasOwnTables(old.config)) {
    const later = await learnLater(old, kept, { engine, afterMs: learntToMs });
    if (!later) return undefined;
    model = later.model;
    say(describeLearnt(later, old));
  } else {
    model = await trainModel(kept, parseConfig({ ...old.config, nEpochs: 1 }), { engine, stderr, from: old });
  }
  const version = newVersion(models, { nowMs });
  await saveModel(model, join(models, version), {
    data,
    manifest,
    continued: continues ? folder : undefined,
    vectors: model.config.itemVectors,
    directory: night.dataName,
    lastMs,
  });
  // A session that the current version may have learnt would favour it.
  const fromMs = Math.max(judgedFromMs, record?.heldOutFromMs ?? learntToMs ?? 0);
  const judges = heldOut.filter((session) => {
    const startMs = train.sessionStartTimes[session] as number;
    return startMs >= fromMs && !setAside.some(({ afterMs, toMs }) => startMs > afterMs && startMs <= toMs);
  });
  // It begins anew after a refusal and with a version that is trained from the beginning.
  const evidence = continues && !refused && record?.how === 'continued' ? record.verdict?.evidence : [];
  const verdict = old && judge(model, old, { dataset, heldOut: judges, engine, evidence });
  say(
    verdict
      ? describeVerdict(version, current ?? '', verdict)
      : `${version}: no held-out session to judge it by`,
  );
  if (verdict && !continues && nights > 0) say(describeCost(nights, verdict));
  const brought = verdict?.isWorse ? [{ afterMs: learntToMs ?? fromMs, toMs: lastMs }] : [];
  const made: VersionRecord = {
    version,
    how: continues ? 'continued' : 'trained',
    dataset: manifest.checksum,
    heldOutFromMs,
    replaces: current,
    nights: continues ? nights + 1 : 0,
    from: continues ? current : undefined,
    verdict,
    setAside: [...setAside.filter(({ toMs }) => toMs > judgedFromMs), ...brought],
    isDone: false,
  };
  await writeRecord(models, made);
  return made;
}

function sayIgnored(model: ModelConfig, section: ModelConfig, say: (line: string) => void): void {
  const differing = Object.entries(section).filter(([key, value]) => {
    if (key === 'nEpochs' && hasOwnTables(model)) return false;
    return JSON.stringify(value) !== JSON.stringify(model[key as keyof ModelConfig]);
  });
  if (differing.length === 0) return;
  const names = showNames(differing.map((setting) => setting.join('=')));
  say(
    `"train" of gru4rec.json differs from the current model (${names}): nightly ignores that, train takes it`,
  );
}

/** Whether a version was refused for what the nights before it lost. */
const builtUp = ({ ofThisNight }: Verdict) => ofThisNight <= LIMIT;

async function explainRefusal(
  { data, models }: Night,
  { version, verdict, setAside }: VersionRecord,
  { stderr, directory }: Terminal,
): Promise<void> {
  const why = verdict && builtUp(verdict) ? ' with the nights before it, and the next one trains anew' : '';
  stderr.write(`${version} is significantly worse${why}: ${currentVersion(models)} stays current\n`);
  const { train, manifest } = await readDataset(data);
  const { userColumn } = (manifest.preparation as { options?: { userColumn?: string } }).options ?? {};
  const idOf = (id: string) => (userColumn === undefined ? id : userOf(id));
  const { lines, ids } = findStrange(train, setAside?.at(-1)?.afterMs ?? 0, idOf);
  if (ids.size === 0) return;
  await replaceFile(strangeIn(models), [Buffer.from([...ids, ''].join('\n'))]);
  const command = commandLine(['forget', '--file', relative(directory, strangeIn(models))], programName());
  stderr.write(`Strange sessions of this night:\n${lines.join('\n')}\n`);
  stderr.write(`If they are no visitors: ${command} removes them\n`);
}

/** Features of items and parts of a moment have tables that only training over all sessions keeps. */
function hasOwnTables(config: ModelConfig): boolean {
  return config.itemFeatures.length + config.itemVectors.length > 0 || isFresh(config);
}

function describeVerdict(version: string, current: string, verdict: Verdict): string {
  const { sessions, before, evidence, ...own } = verdict;
  const figure = (name: 'recall' | 'mrr') => `${own[name].toFixed(4)} (${before[name].toFixed(4)})`;
  return (
    `${version} beside ${current} on ${groupDigits(sessions)} held-out sessions: ` +
    `recall@20 ${figure('recall')}, MRR@20 ${figure('mrr')}, ` +
    `evidence of a loss ${meanOf(evidence).toPrecision(2)} (refused beyond ${LIMIT})`
  );
}

/** What training from the beginning has gained is what continuing had cost. */
function describeCost(nights: number, { interval, before, ...own }: Verdict): string {
  const cost = (name: 'recall' | 'mrr') => {
    const percents = [own[name] - before[name], ...interval[name]].map((value) =>
      ((100 * value) / Math.max(own[name], Number.EPSILON)).toFixed(1),
    );
    return `${percents[0]} % (95 % interval ${percents[1]} to ${percents[2]})`;
  };
  return `Continuing for ${count(nights, 'night')} has cost ${cost('recall')} of recall@20 and ${cost('mrr')} of MRR@20`;
}

/** Keeps the last versions that were current, and the last one that was refused. */
async function removeOld({ models, versions }: Night, say: (line: string) => void): Promise<void> {
  const all = versionsIn(models);
  const refused = all.filter((version) => readRecord(models, version)?.verdict?.isWorse);
  const accepted = all.filter((version) => !refused.includes(version));
  const kept = [...accepted.slice(-versions), ...refused.slice(-1), currentVersion(models)];
  for (const version of all.filter((one) => !kept.includes(one))) {
    await rm(join(models, version), { recursive: true, force: true });
    await rm(join(models, `${version}.json`), { force: true });
    say(`Removed ${version}`);
  }
}

/** One of this number of sessions is held out. */
const PARTS = 20;
const MOST_SESSIONS = 2000;
const CUTOFF = 20;

/** By the id alone, so that every night holds out the same. Visits of one user are held out together. */
export function isHeldOut(sessionId: string): boolean {
  const hash = createHash('sha256').update(userOf(sessionId)).digest();
  return hash.readUInt32BE() % PARTS === 0;
}

const userOf = (sessionId: string) => sessionId.replace(/#\d+$/, '');

/** The sessions that began at `fromMs` or later, by whether they are held out; earlier ones are learnt. */
function partsOf(train: SessionTable, fromMs: number): { learnt: number[]; heldOut: number[] } {
  const learnt: number[] = [];
  const heldOut: number[] = [];
  for (const [session, startMs] of train.sessionStartTimes.entries()) {
    const isOut = startMs >= fromMs && isHeldOut(train.sessionIds[session] as string);
    (isOut ? heldOut : learnt).push(session);
  }
  return { learnt, heldOut };
}

type Verdict = NonNullable<VersionRecord['verdict']>;

/** Compares a model with the one that is current, on the same held-out sessions. Both rank all items of the dataset. */
function judge(
  model: Gru4Rec,
  current: Gru4Rec,
  about: {
    readonly dataset: SessionDataset;
    readonly heldOut: readonly number[];
    readonly engine: Engine;
    readonly evidence: readonly number[] | undefined;
  },
): Verdict | undefined {
  const { dataset, heldOut, engine } = about;
  const { train: sessions } = keepSessions(dataset, heldOut.slice(-MOST_SESSIONS));
  if (sessions.items.length === 0) return undefined;
  const evaluationOf = (one: Gru4Rec): Evaluation => {
    const whole = knowingAll(one, dataset, engine);
    const items = sessions.items.map((item) => whole.itemIndex(dataset.itemIds.at(item) ?? '') ?? -1);
    const options = { cutoffs: [CUTOFF], keepRanks: true, lists: false, tieRule: 'conservative' as const };
    return evaluate(whole.scorer(dataset.contextColumns), { ...sessions, items }, options);
  };
  const [after, before] = [evaluationOf(model), evaluationOf(current)];
  const { recall, mrr } = pairedBootstrap(after, before, { cutoff: CUTOFF, resamples: RESAMPLES, seed: 1 });
  const differences = differencesOf(after, before);
  const evidence = addNight(about.evidence ?? [], differences);
  const figures = ({ results: [result] }: Evaluation) => ({
    recall: result?.recall ?? 0,
    mrr: result?.mrr ?? 0,
  });
  return {
    sessions: after.sessions,
    predictions: after.predictions,
    ...figures(after),
    before: figures(before),
    interval: { recall: [...recall.interval], mrr: [...mrr.interval] },
    evidence,
    ofThisNight: meanOf(addNight([], differences)),
    isWorse: meanOf(evidence) > LIMIT,
  };
}

function differencesOf(after: Evaluation, before: Evaluation): Float64Array[] {
  return [metrics.recall, metrics.mrr].map(({ of }) => {
    const differences = new Float64Array(after.sessions);
    for (const [prediction, session] of after.ranks?.session.entries() ?? []) {
      const [now = 0, was = 0] = [after, before].map(({ ranks }) =>
        of([ranks?.rank[prediction] ?? 0], CUTOFF),
      );
      differences[session] = (differences[session] ?? 0) + now - was;
    }
    return differences;
  });
}

const NEVER = -1e9;

/** The model with the items that it lacks, in none of its lists. */
function knowingAll(model: Gru4Rec, { itemIds }: SessionDataset, engine: Engine): Gru4Rec {
  const ids = [...itemIds].filter((id) => model.itemIndex(id) === undefined);
  const whole = new Gru4Rec({ ...addItems(model, { ids, features: new Int32Array() }), engine });
  whole.tensors.find(({ name }) => name === 'by')?.values.fill(NEVER, model.itemIds.length);
  return whole;
}
