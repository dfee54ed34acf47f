import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { baselineNames } from '@gru4rec/baselines';
import { didYouMean, UsageError } from '@gru4rec/checks';
import { isPreset, parseConfig, presets, readModel } from '@gru4rec/model';
import { type BaselineContender, baseline } from './baseline.ts';
import type { CheckContext, ContenderFiles, FitContext, Fitted, Kind } from './kind.ts';
import { fitMix, type MixContender, needsValidation } from './mix.ts';
import { type ModelContender, model } from './model.ts';
import { type OwnContender, ownScorer } from './own.ts';
import { loadScorerFactory } from './own-modules.ts';
import { type TrainedContender, trained } from './trained.ts';

export type SingleContender = BaselineContender | ModelContender | TrainedContender | OwnContender;
/** A recommender in a comparison. */
export type Contender = SingleContender | MixContender<SingleContender>;

/** In the order in which they read a text. */
const kinds: { readonly [Name in SingleContender['kind']]: Kind<Extract<SingleContender, { kind: Name }>> } =
  { model, own: ownScorer, baseline, trained };

function kindOf(contender: SingleContender): Kind<SingleContender> {
  return kinds[contender.kind] as Kind<SingleContender>;
}

const EVERY_BASELINE = 'baselines';

/** The forms of a contender in `--models`, for help and messages. */
export const contenderForms: string =
  `a baseline (${baselineNames.join(', ')}; options after a colon, s-knn:neighbours=200,sampleSize=500 or as JSON), ` +
  `${EVERY_BASELINE} (all of them), a GRU4Rec configuration (FILE.json, ${Object.keys(presets).join(', ')}), the folder of a trained model, a module with your own (FILE.mjs), mix:A+B (its weight tuned on the validation split) ` +
  'or mix:WEIGHT:A+B';

type IsFolder = (text: string) => boolean;

/**
 * Parses contenders.
 *
 * @param isFolder - baselines and configurations have precedence over folders.
 * @throws UsageError if a text is not a contender, or two are the same.
 */
export function parseContenders(texts: readonly string[], isFolder: IsFolder = () => false): Contender[] {
  const contenders = texts.flatMap((text) =>
    text === EVERY_BASELINE
      ? baselineNames.map((name) => parseSingle(name, isFolder))
      : [text.startsWith('mix:') ? parseMix(text, isFolder) : parseSingle(text, isFolder)],
  );
  const twin = contenders.find(
    (contender, place) => contenders.findIndex((c) => c.text === contender.text) < place,
  );
  if (twin) throw new UsageError(`--models expected each contender once, got ${twin.text} twice`);
  return contenders;
}

function parseSingle(text: string, isFolder: IsFolder): SingleContender {
  for (const kind of Object.values(kinds)) {
    const contender = kind.parse(text, isFolder);
    if (contender) return contender;
  }
  const [name = ''] = text.split(':');
  const question = didYouMean([name], [...baselineNames, EVERY_BASELINE, ...Object.keys(presets)]);
  throw new UsageError(`${question}--models expected ${contenderForms}, got ${JSON.stringify(text)}`);
}

function parseMix(text: string, isFolder: IsFolder): MixContender<SingleContender> {
  const [, weightText, partsText] = /^mix:(?:([\d.]+):)?(.+)$/s.exec(text) ?? [];
  const parts = partsText?.split('+') ?? [];
  const [first, second] = parts;
  if (parts.length !== 2 || !first || !second) {
    throw new UsageError(`--models expected mix:A+B or mix:WEIGHT:A+B, got ${JSON.stringify(text)}`);
  }
  const weight = weightText === undefined ? undefined : Number(weightText);
  if (weight !== undefined && !(weight >= 0 && weight <= 1)) {
    throw new UsageError(
      `--models expected a weight from 0 to 1, got ${weightText} in ${JSON.stringify(text)}`,
    );
  }
  return { kind: 'mix', text, parts: [parseSingle(first, isFolder), parseSingle(second, isFolder)], weight };
}

/** Whether a contender has to be fitted again for each seed. */
export function needsSeed(contender: Contender): boolean {
  return singlesOf([contender]).some((single) => kindOf(single).isSeeded(single));
}

/** Unique names in tables: the kind with its options, or the user's text if that is not unique. */
export function nameContenders(contenders: readonly Contender[]): string[] {
  const names = contenders.map(titleOf);
  return names.map((name, place) =>
    names.filter((other) => other === name).length > 1 ? (contenders[place]?.text ?? name) : name,
  );
}

function titleOf(contender: Contender): string {
  if (contender.kind !== 'mix') return kindOf(contender).title(contender);
  const parts = contender.parts.map(titleOf).join(' + ');
  return contender.weight === undefined ? parts : `${parts} (${contender.weight})`;
}

/** All contenders that are not mixes, including the parts of mixes. */
export function singlesOf(contenders: readonly Contender[]): SingleContender[] {
  return contenders.flatMap((contender) => (contender.kind === 'mix' ? contender.parts : [contender]));
}

/** The readers of a program: JSON files, presets, model folders and modules by their paths. */
export const plainFiles: ContenderFiles = {
  readConfig: async (file, settings) => {
    const written = isPreset(file) ? { preset: file } : JSON.parse(await readFile(file, 'utf8'));
    return parseConfig({ ...written, ...settings });
  },
  readModel: (folder) => readModel(folder),
  readFactory: (file) => loadScorerFactory(resolve(file), file),
};

/**
 * Checks, before hours of work, that every contender can be fitted.
 * @param kept - the names of those that may be saved.
 */
export async function checkContenders(
  contenders: readonly Contender[],
  kept: readonly string[],
  context: Omit<CheckContext, 'isKept'>,
): Promise<void> {
  const { dataset } = context;
  for (const contender of contenders) {
    if (contender.kind !== 'mix' || contender.weight !== undefined || dataset.validation) continue;
    throw needsValidation(contender.text, dataset.directory);
  }
  const names = nameContenders(contenders);
  const mixes = contenders.filter(({ kind }, at) => kind === 'mix' && kept.includes(names[at] ?? ''));
  const keptParts = singlesOf(mixes);
  for (const single of singlesOf(contenders)) {
    await kindOf(single).check(single, { ...context, isKept: keptParts.includes(single) });
  }
}

/** Fits contenders; one that is also part of a mix is fitted once per seed. */
export class Fitter {
  readonly #context: Omit<FitContext, 'seed'>;
  /** Parts of mixes; only their fits are kept. */
  readonly #parts: readonly SingleContender[];
  readonly #kept = new Map<string, Promise<Fitted>>();
  #seed: number | undefined;

  constructor(context: Omit<FitContext, 'seed'>, contenders: readonly Contender[]) {
    this.#context = context;
    this.#parts = singlesOf(contenders.filter(({ kind }) => kind === 'mix'));
  }

  /** Fits with this seed from here on. */
  useSeed(seed: number | undefined): void {
    this.#seed = seed;
    for (const part of this.#parts) if (needsSeed(part)) this.#kept.delete(part.text);
  }

  async fit(contender: Contender): Promise<Fitted> {
    if (contender.kind !== 'mix') return this.#fitSingle(contender);
    const [first, second] = contender.parts;
    const fitted = [await this.#fitPart(first), await this.#fitPart(second)] as const;
    return fitMix(contender, fitted, this.#context);
  }

  async #fitPart(part: SingleContender) {
    return { ...(await this.#fitSingle(part)), title: titleOf(part) };
  }

  #fitSingle(single: SingleContender): Promise<Fitted> {
    const kept = this.#kept.get(single.text);
    if (kept) return kept;
    const fitting = kindOf(single).fit(single, { ...this.#context, seed: this.#seed });
    if (this.#parts.some(({ text }) => text === single.text)) this.#kept.set(single.text, fitting);
    return fitting;
  }
}
